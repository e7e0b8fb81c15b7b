import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';

const source = join(packageRoot, 'monitor', 'dashboard', 'src');
const SCOPE = /^(?:\/\*[^*]*\*\/\n)?:where\(([^{]*)\) \{\n([\s\S]*?)\n\}\n(?:\n@keyframes [\w-]+ \{\n[\s\S]*?\n\}\n)*$/;

/** Every file of the page that is reached from `file`; the list of the pages leads nowhere. */
function reached(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file) || file.endsWith('/app/pages.ts')) return found;
  found.add(file);
  if (file.endsWith('.css')) return found;
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  for (const [, path] of imports) reached(join(dirname(file), path as string), found);
  return found;
}

// A browser never forgets a style sheet: what one page brought would change the look of the next.
test('the styles of a page are for the pages that use them, and end with them', () => {
  const pages = readdirSync(join(source, 'pages'), { recursive: true, encoding: 'utf8' });
  const styles = pages.filter((name) => name.endsWith('.css') && !name.startsWith('login/'));
  expect(styles.length).toBeGreaterThan(20);
  const keys = pages.filter((name) => name.endsWith('/page.tsx')).map(dirname);
  const used = new Map(keys.map((key) => [key, reached(join(source, 'pages', key, 'page.tsx'))]));
  for (const name of styles) {
    const text = readFileSync(join(source, 'pages', name), 'utf8');
    const [, scope = '', body = ''] = SCOPE.exec(text) ?? [];
    const users = keys.filter((key) => used.get(key)?.has(join(source, 'pages', name)));
    const named = [...scope.matchAll(/\[data-page="(\w+)"\]/g)].map(([, key]) => key);
    expect({ name, pages: named.sort() }).toEqual({ name, pages: users.sort() });
    expect({ name, outside: body.split('\n').filter((line) => line !== '' && !line.startsWith('  ')) }).toEqual({
      name,
      outside: [],
    });
  }
});

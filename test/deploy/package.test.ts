import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { HUB_ONLY } from '../../deploy/package/hub-only.ts';
import { prune } from '../../deploy/package/prune.ts';

/** Verbs for the machine that a gateway runs on. */
const ON_SITE = [
  'gateway',
  'check',
  'join',
  'simulate',
  'scan',
  'read',
  'write',
  'profiles',
  'journal',
  'import',
  'kubeedge',
  'dump',
];

/** Packages that a source file reaches, itself and by what it imports, at once or later. */
function packagesOf(file: string, seen = new Set<string>(), found = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return found;
  seen.add(file);
  const text = readFileSync(file, 'utf8').replace(/^import type .*$/gm, '');
  for (const [, name = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    if (name.startsWith('.')) packagesOf(join(dirname(file), name), seen, found);
    else found.add(name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
  }
  return found;
}

test.each(ON_SITE)('sluice %s needs nothing that a gateway-only package leaves out', (verb) => {
  const needed = packagesOf(join(packageRoot, `cli/${verb}.ts`));
  expect(needed.size).toBeGreaterThan(2);
  expect(HUB_ONLY.filter((name) => needed.has(name))).toEqual([]);
});

test('what is left out is a dependency that is there', () => {
  const { dependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  expect(HUB_ONLY.filter((name) => !(name in dependencies))).toEqual([]);
});

test('of native packages the builds for one machine stay, of others what runs, and every licence', () => {
  const modules = mkdtempSync(join(tmpdir(), 'sluice-prune-'));
  const files = {
    'native/prebuilds/linux-arm64/native.armv8.glibc.node': true,
    'native/prebuilds/linux-arm64/native.armv8.musl.node': false,
    'native/prebuilds/linux-x64/native.node': false,
    'native/deps/leveldb/db.cc': false,
    'native/index.js': true,
    'native/LICENSE.md': true,
    'native/README.md': false,
    '@scope/plain/test/index.js': false,
    '@scope/plain/lib/test/index.js': true,
    '@scope/plain/lib/index.d.ts': false,
    '@scope/plain/lib/a.test.js': false,
    '@scope/plain/node_modules/inner/tests/index.js': false,
    '@scope/plain/package.json': true,
  };
  try {
    for (const name of Object.keys(files)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      writeFileSync(join(modules, name), '');
    }
    prune(modules, 'arm64');
    const left = Object.keys(files).filter((name) => existsSync(join(modules, name)));
    expect(left).toEqual(Object.keys(files).filter((name) => files[name as keyof typeof files]));
    expect(readdirSync(join(modules, 'native/prebuilds'))).toEqual(['linux-arm64']);
  } finally {
    rmSync(modules, { recursive: true });
  }
});

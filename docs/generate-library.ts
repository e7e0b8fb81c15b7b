import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byClass, libraryEntries, type ProfileEntry } from '../devices/profile-entries.ts';
import { ProfileLibrary } from '../devices/profile-library.ts';

const HEAD = `# The device library

What comes with Sluice; \`npm run library\` writes this page. How to add to it: [writing a profile](profiles.md). A map from other
software alone is marked ¹; compare a value or two with the device's display before you rely on any profile that you are first to use.
`;

const COLUMNS = `| profile | models | points | alarms | line | register map from |
| --- | --- | --- | --- | --- | --- |`;

/** The page of the profiles that come with Sluice. */
export async function libraryPage(): Promise<string> {
  const entries = await libraryEntries(await ProfileLibrary.open());
  const parts = byClass(entries).map(
    ([kind, group]) => `## ${kind} (${group.length})\n\n${COLUMNS}\n${group.map(row).join('\n')}\n`,
  );
  return `${HEAD}\n${parts.join('\n')}`;
}

function row({ name, vendor, models, points, alarms, driver, status, source }: ProfileEntry): string {
  const mark = status === 'from-software' ? ' ¹' : status === 'tested' ? ' (tested)' : '';
  const cells = [`\`${name}\`${mark}`, `${vendor} ${models.join(', ')}`, points, alarms, driver, source.join('; ')];
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '/')).join(' | ')} |`;
}

const thisFile = fileURLToPath(import.meta.url);
if (process.argv[1] === thisFile) writeFileSync(join(dirname(thisFile), 'library.md'), await libraryPage());

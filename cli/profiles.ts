import { readFile } from 'node:fs/promises';
import { Fault } from '../core/faults.ts';
import { type Problem, problemLine, SettingsFault, surveyFile } from '../core/settings.ts';
import { nearest } from '../core/suggest.ts';
import { DEVICE_CLASSES } from '../devices/plant-types.ts';
import { checkProfile } from '../devices/profile-check.ts';
import { byClass, libraryEntries } from '../devices/profile-entries.ts';
import { ProfileLibrary } from '../devices/profile-library.ts';
import { profileSchema } from '../devices/profile-schema.ts';
import { choiceOption, textOption } from './options.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'profiles',
  summary: 'the device library: list, show NAME, check FILE...',
  usage: `Usage: sluice profiles list [--class CLASS] [--dir DIR] [--json]
       sluice profiles show NAME [--dir DIR]
       sluice profiles check FILE... [--json]

      --class CLASS   only this class: ${DEVICE_CLASSES.join(', ')}
      --dir DIR       a folder of your own profiles, beside those that come with Sluice
      --json          machine form

Example: sluice profiles show eastron/sdm630`,
  options: { class: { type: 'string' }, dir: { type: 'string' }, json: { type: 'boolean' } },

  async run({ values, positionals }, io) {
    const [what, ...names] = positionals;
    const json = values.json === true;
    if (what === 'check') return check(names, json, io);
    const library = await ProfileLibrary.open(textOption(values, 'dir'));
    if (what === 'list') return list(library, classOption(values), json, io);
    if (what === 'show') return show(library, names, io);
    throw new Fault('usage', 'say `profiles list`, `profiles show NAME` or `profiles check FILE`');
  },
};

function classOption(values: Arguments['values']): string | undefined {
  return textOption(values, 'class') === undefined ? undefined : choiceOption(values, 'class', DEVICE_CLASSES, 'other');
}

async function list(library: ProfileLibrary, wanted: string | undefined, json: boolean, io: Io): Promise<number> {
  const entries = (await libraryEntries(library)).filter((entry) => wanted === undefined || entry.class === wanted);
  if (json) io.out(JSON.stringify(entries));
  const width = Math.max(...entries.map(({ name }) => name.length));
  for (const [kind, group] of json ? [] : byClass(entries)) {
    io.out(`${kind} (${group.length})`);
    for (const { name, driver, points, title } of group)
      io.out(`  ${name.padEnd(width)}  ${driver.padEnd(10)}  ${String(points).padStart(3)} points  ${title}`);
  }
  return 0;
}

async function show(library: ProfileLibrary, [name]: readonly string[], io: Io): Promise<number> {
  if (name === undefined) throw new Fault('usage', 'name the profile: `profiles show eastron/sdm630`');
  const file = library.fileOf(name);
  if (file === undefined) {
    const near = nearest(name, library.names);
    throw new Fault('not-found', `profile ${name}${near ? `; did you mean ${near}?` : ''}`);
  }
  io.out((await readFile(file, 'utf8')).trimEnd());
  return 0;
}

async function check(files: readonly string[], json: boolean, io: Io): Promise<number> {
  if (files.length === 0) throw new Fault('usage', 'name the files: `profiles check FILE...`');
  const problems: Problem[] = [];
  for (const file of files) problems.push(...(await problemsOf(file)));
  if (json) io.out(JSON.stringify(problems));
  else for (const problem of problems) io.err(problemLine(problem));
  if (!json && problems.length === 0)
    io.out(files.length === 1 ? 'The profile is good' : `${files.length} profiles are good`);
  return problems.length === 0 ? 0 : 2;
}

async function problemsOf(file: string): Promise<readonly Problem[]> {
  try {
    const { loaded, problems, isEcho } = await surveyFile(profileSchema, file);
    const further = loaded === undefined ? [] : checkProfile(loaded);
    return [...problems, ...further.filter((problem) => problems.length === 0 || !isEcho(problem))];
  } catch (error) {
    if (error instanceof SettingsFault) return error.problems;
    throw error;
  }
}

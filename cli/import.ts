import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Fault } from '../core/faults.ts';
import { type Problem, parseSettings, problemLine, readText, SettingsFault } from '../core/settings.ts';
import { checkProfile } from '../devices/profile-check.ts';
import { profileSchema } from '../devices/profile-schema.ts';
import { resolvePlant } from '../devices/resolve-plant.ts';
import { gatewaySchema } from '../gateway/settings.ts';
import { guessSource, SOURCES, type Source } from './import/guess.ts';
import type { Imported, Importer } from './import/importer.ts';
import { choiceOption, textOption } from './options.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'import',
  summary: 'turn the configuration of another program into one of ours',
  usage: `Usage: sluice import FILE [--from SOURCE] [-o OUT] [--json]

      --from SOURCE   ${SOURCES.join(', ')}; left out: guessed
  -o, --output OUT    where to write; standard output otherwise
      --json          what could not be translated, as JSON on stderr

Writes a gateway.yaml, or a profile where the file describes a model of device, and names everything that it could not
translate, with place and reason. Exit code 0: all of it is translated; 1: some is not; 2: FILE cannot be read.

Example: sluice import telegraf.conf -o gateway.yaml`,
  options: { from: { type: 'string' }, output: { type: 'string', short: 'o' } },

  async run({ values, positionals }, io) {
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new Fault('usage', 'name the one file to import');
    const text = await readText(file);
    const source = sourceOf(text, values);
    const imported = (await importerOf(source))(text, basename(file));
    if (imported.points === 0) throw new SettingsFault([...imported.problems, nothingIn(file, source)]);
    const problems = [...imported.problems, ...(await problemsOf(imported))];
    await write(imported.yaml, textOption(values, 'output'), io);
    tell(problems, imported, values.json === true, io);
    return problems.length === 0 ? 0 : 1;
  },
};

function sourceOf(text: string, values: Arguments['values']): Source {
  const guess = guessSource(text);
  if (textOption(values, 'from') === undefined && guess === undefined)
    throw new Fault('usage', `this file is of no known program: say --from, one of ${SOURCES.join(', ')}`);
  return choiceOption(values, 'from', SOURCES, guess ?? 'csv');
}

/** Loaded one at a time: nobody needs two. */
async function importerOf(source: Source): Promise<Importer> {
  switch (source) {
    case 'telegraf':
      return (await import('./import/telegraf.ts')).importTelegraf;
    case 'home-assistant':
      return (await import('./import/home-assistant.ts')).importHomeAssistant;
    case 'edgex':
      return (await import('./import/edgex.ts')).importEdgex;
    case 'neuron':
      return (await import('./import/neuron.ts')).importNeuron;
    case 'wb':
      return (await import('./import/wb-template.ts')).importWbTemplate;
    case 'csv':
      return (await import('./import/csv-points.ts')).importCsv;
  }
}

function nothingIn(file: string, source: Source): Problem {
  return { file: basename(file), line: 1, path: '', message: `there is nothing to import in it, read as ${source}` };
}

/** What `sluice check` would say of the result: a register beyond the last, say. */
async function problemsOf({ kind, yaml }: Imported): Promise<readonly Problem[]> {
  try {
    if (kind === 'profile') return checkProfile(parseSettings(profileSchema, yaml, RESULT));
    return (await resolvePlant(parseSettings(gatewaySchema, yaml, RESULT), { file: RESULT })).problems;
  } catch (error) {
    if (error instanceof SettingsFault) return error.problems;
    throw error;
  }
}

const RESULT = 'the result';

async function write(yaml: string, output: string | undefined, io: Io): Promise<void> {
  if (output === undefined) return io.out(yaml.trimEnd());
  try {
    await writeFile(output, yaml);
  } catch (cause) {
    throw new Fault('file-unwritable', output, { cause });
  }
}

function tell(problems: readonly Problem[], { kind, points }: Imported, json: boolean, io: Io): void {
  if (json) {
    io.err(JSON.stringify({ kind, points, problems }));
    return;
  }
  for (const problem of problems) io.err(problemLine(problem));
  const what = kind === 'plant' ? 'a gateway.yaml' : 'a profile';
  const rest = problems.length === 0 ? 'all of it is translated' : `${problems.length} things could not be translated`;
  io.err(`${what} with ${points} ${points === 1 ? 'point' : 'points'}; ${rest}`);
}

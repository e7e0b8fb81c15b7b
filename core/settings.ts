import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { Fault } from './faults.ts';
import { allowedKeys, nearest } from './suggest.ts';
import { survey } from './survey.ts';
import { readYaml } from './yaml-text.ts';

/** One thing that is wrong in a settings file. Lines count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string;
}

/** All problems of a file at once. */
export class SettingsFault extends Fault {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('settings-invalid', `\n${problems.map((problem) => `  ${problemLine(problem)}`).join('\n')}`);
    this.problems = problems;
  }
}

export function problemLine({ file, line, path, message, suggestion }: Problem): string {
  const place = path === '' ? '' : `${path}: `;
  return `${file}:${line}: ${place}${message}${suggestion ? ` — ${suggestion}` : ''}`;
}

export type Path = readonly (string | number)[];

/** A settings file that fits its schema, and where each part of it stands, for checks that follow. */
export interface Loaded<T> {
  readonly value: T;
  problem(path: Path, message: string, suggestion?: string): Problem;
}

/** Throws `SettingsFault` with every problem, or `Fault` file-missing. */
export async function loadSettings<S extends z.ZodType>(schema: S, file: string): Promise<Loaded<z.output<S>>> {
  return parseSettings(schema, await readText(file), file);
}

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Fault('file-missing', file, { cause });
  }
}

export function parseSettings<S extends z.ZodType>(schema: S, text: string, file: string): Loaded<z.output<S>> {
  const { loaded, problems } = surveySettings(schema, text, file);
  if (loaded === undefined || problems.length > 0) throw new SettingsFault(problems);
  return loaded;
}

/** What is wrong with a settings file, and what is left of it without that, for checks that would find more. */
export interface Surveyed<T> {
  readonly problems: readonly Problem[];
  readonly loaded: Loaded<T> | undefined;
  /** Is this, found in what is left, only an echo of something that was taken out? */
  isEcho(problem: Problem): boolean;
}

/** Throws `Fault` file-missing. */
export async function surveyFile<S extends z.ZodType>(schema: S, file: string): Promise<Surveyed<z.output<S>>> {
  return surveySettings(schema, await readText(file), file);
}

/** Throws `SettingsFault` only for text that is no plain YAML. */
export function surveySettings<S extends z.ZodType>(schema: S, text: string, file: string): Surveyed<z.output<S>> {
  const read = readYaml(text);
  if ('problems' in read)
    throw new SettingsFault(read.problems.map(({ line, message }) => ({ file, line, path: '', message })));
  const { raw } = read;
  const problem = (path: Path, message: string, suggestion?: string): Problem => ({
    file,
    line: read.lineOf(path),
    path: pathText(path),
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  });

  const { issues, rest, placeOf, missing } = survey(schema, raw ?? {});
  const problems = issues.flatMap((issue) => toProblems(issue, schema, raw, problem));
  return {
    problems: problems.sort((a, b) => a.line - b.line),
    loaded: rest && { value: rest.value, problem: (path, ...words) => problem(placeOf(path), ...words) },
    isEcho: ({ message }) => missing.some((name) => message.includes(`\`${name}\``)),
  };
}

export type Issue = z.core.$ZodIssue;

function toProblems(issue: Issue, schema: z.ZodType, raw: unknown, problem: Loaded<unknown>['problem']): Problem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedKeys(schema, path, raw);
    return issue.keys.map((key) => {
      const near = nearest(key, allowed);
      const hint = near
        ? `did you mean \`${near}\`?`
        : allowed.length > 0
          ? `one of: ${allowed.join(', ')}`
          : undefined;
      return problem([...path, key], `unknown key \`${key}\``, hint);
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The branch that came furthest says most about what was meant.
    const branches = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
    return (branches[0] ?? []).flatMap((inner) =>
      toProblems({ ...inner, path: [...path, ...inner.path] } as Issue, schema, raw, problem),
    );
  }
  return [problem(path, messageOf(issue, raw))];
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** More of a wrong value than this hides what is said about it. */
const MOST_SHOWN = 80;

/** What is wrong, in words, and what was found there. */
export function messageOf(issue: Issue, raw: unknown): string {
  const value = valueAt(raw, issue.path as Path);
  if (issue.code === 'invalid_type' && value === undefined) return 'is missing';
  const own = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  const message = (own ?? issue.message).replace(/^(Invalid (input|option)|Too (big|small)): /, '');
  if (value === undefined || typeof value === 'object') return message;
  const shown = JSON.stringify(value);
  return `${message} (got ${shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}…` : shown})`;
}

function valueAt(raw: unknown, path: Path): unknown {
  let at: unknown = raw;
  for (const step of path) at = (at as Record<string | number, unknown> | undefined | null)?.[step];
  return at;
}

/** `devices[0].points.x` */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

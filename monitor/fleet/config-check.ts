import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { MAX_CONFIG_BYTES } from '../../cloud-sync/protocol/document.ts';
import type { Problem } from '../../core/settings.ts';
import { nearest } from '../../core/suggest.ts';
import { readYaml } from '../../core/yaml-text.ts';
import type { Fact } from './config-store.ts';

type Path = readonly (string | number)[];

const documentSchema = z.object({
  schema: z.record(z.string(), z.unknown()),
  profiles: z.array(z.looseObject({ name: z.string() })),
  drivers: z.array(z.string()),
});

interface Checker {
  readonly validate: ValidateFunction;
  readonly profiles: readonly string[];
  readonly drivers: readonly string[];
}

const KNOWN = ['channels', 'devices'];
const MOST_PROBLEMS = 50;
/** Expressions of a foreign schema could keep the processor for minutes; what is named by an address has no place in it. */
const TEXT_KEYS_LEFT_OUT = new Set(['pattern', 'format', '$id', '$anchor', '$dynamicRef']);
const KEYS_LEFT_OUT = new Set(['patternProperties', 'propertyNames']);
const MOST_SCHEMAS = 50;

/**
 * Checks a configuration with what the gateway published: its schema, its profiles. The gateway checks it again with all that it knows;
 * this is to say at once what can be said at once.
 */
export class ConfigCheck {
  readonly #checkers = new Map<string, Checker | undefined>();

  /** All of them, by line. `schema`: the gateway's document; without one, only the text itself is looked at. */
  problems(text: string, schema: Pick<Fact, 'hash' | 'body'> | undefined): readonly Problem[] {
    if (Buffer.byteLength(text) > MAX_CONFIG_BYTES) return [problem(1, [], `is larger than ${MAX_CONFIG_BYTES} bytes`)];
    const read = readYaml(text);
    if ('problems' in read) return read.problems.map(({ line, message }) => problem(line, [], message));
    const { raw, lineOf } = read;
    if (raw === null || typeof raw !== 'object' || Array.isArray(raw))
      return [problem(1, [], 'is not `channels:` and `devices:`')];
    const found: Found[] = [
      ...Object.keys(raw)
        .filter((key) => !KNOWN.includes(key))
        .map((key) => ({
          path: [key],
          message: `unknown key \`${key}\``,
          suggestion: 'the rest of gateway.yaml stays on the gateway',
        })),
    ];
    const checker = schema && this.#checker(schema);
    if (checker && found.length === 0) found.push(...bySchema(checker, raw), ...byName(checker, raw));
    return found
      .map(({ path, message, suggestion }) => problem(lineOf(path), path, message, suggestion))
      .sort((a, b) => a.line - b.line)
      .slice(0, MOST_PROBLEMS);
  }

  #checker({ hash, body }: Pick<Fact, 'hash' | 'body'>): Checker | undefined {
    if (this.#checkers.has(hash)) return this.#checkers.get(hash);
    if (this.#checkers.size >= MOST_SCHEMAS) this.#checkers.clear();
    const checker = checkerOf(body);
    this.#checkers.set(hash, checker);
    return checker;
  }
}

/** Undefined if the document is none: the gateway's own check is then the only one. */
function checkerOf(body: string): Checker | undefined {
  try {
    const { schema, profiles, drivers } = documentSchema.parse(JSON.parse(body));
    const ajv: Ajv = new Ajv2020({
      strict: false,
      allErrors: true,
      verbose: true,
      validateFormats: false,
      logger: false,
    });
    return { validate: ajv.compile(harmless(schema) as object), profiles: profiles.map(({ name }) => name), drivers };
  } catch {
    return undefined;
  }
}

/** A property may be named like a keyword: then it has a schema, no text. */
function harmless(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(harmless);
  if (schema === null || typeof schema !== 'object') return schema;
  const isKept = ([key, value]: [string, unknown]) =>
    !KEYS_LEFT_OUT.has(key) && !(TEXT_KEYS_LEFT_OUT.has(key) && typeof value === 'string');
  return Object.fromEntries(
    Object.entries(schema)
      .filter(isKept)
      .map(([key, value]) => [key, harmless(value)]),
  );
}

interface Found {
  readonly path: Path;
  readonly message: string;
  readonly suggestion?: string | undefined;
}

function bySchema({ validate }: Checker, raw: unknown): Found[] {
  if (validate(raw)) return [];
  const errors = validate.errors ?? [];
  // Of several forms none fits: that says it, and what each of them lacks does not.
  const forms = errors
    .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
    .map(({ schemaPath }) => schemaPath);
  const plain = errors.filter(
    ({ schemaPath }) => !forms.some((form) => schemaPath !== form && schemaPath.startsWith(form)),
  );
  return plain.map((error) => foundOf(error, raw));
}

function foundOf({ instancePath, keyword, params, message, parentSchema, data }: ErrorObject, raw: unknown): Found {
  const path = pathOf(instancePath, raw);
  if (keyword === 'additionalProperties') {
    const key = String(params.additionalProperty);
    const known = Object.keys((parentSchema?.properties as object | undefined) ?? {});
    const near = nearest(key, known);
    return {
      path: [...path, key],
      message: `unknown key \`${key}\``,
      suggestion: near ? `did you mean \`${near}\`?` : undefined,
    };
  }
  if (keyword === 'required') return { path: [...path, String(params.missingProperty)], message: 'is missing' };
  if (keyword === 'enum') {
    const allowed = (params.allowedValues as unknown[]).map(String);
    const near = nearest(String(data), allowed);
    return {
      path,
      message: 'is none of what is allowed',
      suggestion: near ? `did you mean \`${near}\`?` : `one of: ${allowed.join(', ')}`,
    };
  }
  if (keyword === 'anyOf' || keyword === 'oneOf')
    return { path, message: 'has none of the forms that are allowed here' };
  return { path, message: message ?? 'does not fit' };
}

/** Names that refer to something: a profile, a driver, a line. */
function byName({ profiles, drivers }: Checker, raw: object): Found[] {
  const { channels, devices } = raw as { channels?: unknown; devices?: unknown };
  const lines = listOf(channels).map(({ name }) => String(name));
  const check = (path: Path, given: unknown, known: readonly string[], what: string): Found[] => {
    if (typeof given !== 'string' || known.includes(given)) return [];
    const near = nearest(given, known);
    return [
      { path, message: `there is no ${what} \`${given}\``, suggestion: near ? `did you mean \`${near}\`?` : undefined },
    ];
  };
  return [
    ...listOf(channels).flatMap(({ driver }, i) => check(['channels', i, 'driver'], driver, drivers, 'driver')),
    ...listOf(devices).flatMap(({ profile, channel }, i) => [
      ...check(['devices', i, 'profile'], profile, profiles, 'profile'),
      ...check(['devices', i, 'channel'], channel, lines, 'channel'),
    ]),
  ];
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((each) => each !== null && typeof each === 'object') : [];
}

/** `/devices/0/points/x` */
function pathOf(pointer: string, raw: unknown): Path {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at: unknown = raw;
  return steps.map((step) => {
    const key = Array.isArray(at) ? Number(step) : step;
    at = (at as Record<string | number, unknown> | undefined)?.[key];
    return key;
  });
}

function problem(line: number, path: Path, message: string, suggestion?: string): Problem {
  const text = path.reduce<string>(
    (all, step) => (typeof step === 'number' ? `${all}[${step}]` : all === '' ? step : `${all}.${step}`),
    '',
  );
  return { file: 'configuration', line, path: text, message, ...(suggestion === undefined ? {} : { suggestion }) };
}

/** What is written into for each kind of receiver, and for the mail server. */
export const KINDS = ['webhook', 'email', 'telegram', 'slack', 'alimtalk'] as const;
export type Kind = (typeof KINDS)[number];

export type FieldType = 'text' | 'url' | 'number' | 'lines' | 'json' | 'tls' | 'secret' | 'secret-lines';

export interface Field {
  /** A dot leads inside: `templates.raised`. */
  readonly key: string;
  readonly type: FieldType;
  readonly needed: boolean;
  readonly initial?: string;
}

const field = (key: string, type: FieldType, needed = false, initial?: string): Field => {
  return { key, type, needed, ...(initial === undefined ? {} : { initial }) };
};

const AGENCY_BODY = `{
  "templateCode": "{template}",
  "messages": [{ "to": "{to}", "content": "{content}" }]
}`;

export const FIELDS: Readonly<Record<Kind | 'smtp', readonly Field[]>> = {
  webhook: [field('url', 'url'), field('url', 'secret'), field('secret', 'secret'), field('bearer', 'secret')],
  email: [field('to', 'lines', true)],
  telegram: [field('chat', 'text', true), field('token', 'secret', true)],
  slack: [field('url', 'secret', true)],
  alimtalk: [
    field('url', 'url', true),
    field('headers', 'secret-lines'),
    field('to', 'lines', true),
    ...['raised', 'cleared', 'acknowledged', 'digest'].map((each) => field(`templates.${each}`, 'text', true)),
    field('body', 'json', true, AGENCY_BODY),
  ],
  smtp: [
    field('host', 'text', true),
    field('port', 'number', true, '587'),
    field('tls', 'tls', true, 'starttls'),
    field('user', 'text'),
    field('password', 'secret'),
    field('from', 'text', true),
    field('ca', 'secret-lines'),
  ],
};

export type Settings = Readonly<Record<string, unknown>>;

export function isSecret({ type }: Field): boolean {
  return type === 'secret' || type === 'secret-lines';
}

/** What stands in the fields of settings; secrets are empty. */
export function toTexts(fields: readonly Field[], settings: Settings): Readonly<Record<string, string>> {
  const open = fields.filter((each) => !isSecret(each));
  return Object.fromEntries(
    open.map(({ key, type, initial = '' }) => {
      const value = key.split('.').reduce<unknown>((part, step) => (part as Settings | undefined)?.[step], settings);
      if (value === undefined) return [key, initial];
      if (Array.isArray(value)) return [key, value.join('\n')];
      return [key, type === 'json' ? JSON.stringify(value, null, 2) : String(value)];
    }),
  );
}

/** Settings as they are written, over those from before; an empty field is none. Throws SyntaxError for what is no JSON. */
export function toSettings(
  fields: readonly Field[],
  texts: Readonly<Record<string, string>>,
  before: Settings,
): Settings {
  const settings: Record<string, unknown> = { ...before };
  for (const field of fields.filter((each) => !isSecret(each))) {
    const [outer = '', inner] = field.key.split('.');
    const value = readText(field, (texts[field.key] ?? '').trim());
    if (inner === undefined) settings[outer] = value;
    else settings[outer] = { ...(settings[outer] as Settings | undefined), [inner]: value };
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function readText({ type }: Field, text: string): unknown {
  if (text === '') return undefined;
  if (type === 'lines') return linesOf(text);
  if (type === 'number') return Number(text);
  if (type !== 'json') return text;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('no object');
  return value;
}

export function linesOf(text: string): readonly string[] {
  return text
    .split(/[\n,;]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

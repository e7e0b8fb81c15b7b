import { z } from 'zod';

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 31_536_000_000 } as const;
const BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|y)$/;
const SIZE = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)$/;

/** `500ms 5s 2m 1h 30d 2y`, a year being 365 days, in milliseconds. Undefined if the text is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  return match ? Number(match[1]) * MS[match[2] as keyof typeof MS] : undefined;
}

/** `200MiB 2GiB`, in bytes. Undefined if the text is none. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  return match ? Math.round(Number(match[1]) * BYTES[match[2] as keyof typeof BYTES]) : undefined;
}

/** The largest unit that keeps it short: `1.5 h`, `200 ms`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms >= MS[unit]) return `${trim(ms / MS[unit])} ${unit === 'm' ? 'min' : unit}`;
  }
  return `${Math.round(ms)} ms`;
}

export function formatSize(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB'] as const) {
    if (bytes >= BYTES[unit]) return `${trim(bytes / BYTES[unit])} ${unit}`;
  }
  return `${Math.round(bytes)} B`;
}

function trim(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

const DURATION_FORM = 'a duration such as 500ms, 5s, 2m, 1h, 30d, 2y';
const SIZE_FORM = 'a size such as 64KiB, 200MiB, 2GiB';

interface Limits {
  readonly least?: number;
  readonly most?: number;
}

/** A duration in settings, as milliseconds; `least` and `most` in milliseconds too. */
export function duration(limits: Limits = {}) {
  return z
    .string(`expected ${DURATION_FORM}`)
    .meta({ description: described(DURATION_FORM, limits, formatDuration), pattern: DURATION.source })
    .transform((text, context) => measure(parseDuration(text), limits, DURATION_FORM, formatDuration, context));
}

/** A size in settings, as bytes. */
export function size(limits: Limits = {}) {
  return z
    .string(`expected ${SIZE_FORM}`)
    .meta({ description: described(SIZE_FORM, limits, formatSize), pattern: SIZE.source })
    .transform((text, context) => measure(parseSize(text), limits, SIZE_FORM, formatSize, context));
}

function described(form: string, { least, most }: Limits, format: (value: number) => string): string {
  return [form, least && `at least ${format(least)}`, most && `at most ${format(most)}`].filter(Boolean).join(', ');
}

function measure(
  value: number | undefined,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: Limits,
  form: string,
  format: (value: number) => string,
  context: z.RefinementCtx,
): number {
  const message =
    value === undefined
      ? `expected ${form}`
      : value < least
        ? `must be at least ${format(least)}`
        : value > most
          ? `must be at most ${format(most)}`
          : undefined;
  if (message !== undefined) context.addIssue({ code: 'custom', message });
  return value ?? least;
}

/** The hub takes no longer ones. */
const title = z.string().max(200);

/** A title in one language, or one for each. */
export const titles = z.union([title, z.strictObject({ en: title, ko: title }).partial()]);
export type Titles = { readonly en?: string | undefined; readonly ko?: string | undefined };

export function toTitles(given: z.output<typeof titles> | undefined): Titles {
  return typeof given === 'string' ? { en: given, ko: given } : (given ?? {});
}

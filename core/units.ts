import { z } from 'zod';

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

/** `500ms 5s 2m 1h 30d`, in milliseconds. Undefined if the text is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * MS[match[2] as keyof typeof MS] : undefined;
}

/** `200MiB 2GiB`, in bytes. Undefined if the text is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)$/.exec(text);
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

/** A duration in settings, as milliseconds; `least` and `most` in milliseconds too. */
export function duration(limits: { least?: number; most?: number } = {}) {
  return z
    .string()
    .meta({ description: 'a duration such as 500ms, 5s, 2m, 1h, 30d' })
    .transform((text, context) =>
      measure(parseDuration(text), limits, 'a duration such as 500ms, 5s, 2m, 1h, 30d', formatDuration, context),
    );
}

/** A size in settings, as bytes. */
export function size(limits: { least?: number; most?: number } = {}) {
  return z
    .string()
    .meta({ description: 'a size such as 64KiB, 200MiB, 2GiB' })
    .transform((text, context) =>
      measure(parseSize(text), limits, 'a size such as 64KiB, 200MiB, 2GiB', formatSize, context),
    );
}

function measure(
  value: number | undefined,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number },
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

/** A title in one language, or one for each. */
export const titles = z.union([z.string(), z.strictObject({ en: z.string(), ko: z.string() }).partial()]);
export type Titles = { readonly en?: string | undefined; readonly ko?: string | undefined };

export function toTitles(given: z.output<typeof titles> | undefined): Titles {
  return typeof given === 'string' ? { en: given, ko: given } : (given ?? {});
}

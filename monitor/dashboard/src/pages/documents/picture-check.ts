/** The hub's limits, told before megabytes are sent; the hub looks again at whatever it gets. */
const MOST_BYTES = 5 * 1024 * 1024;
const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'];
export const ACCEPTED = TYPES.join(',');

export type Unfit = { readonly why: 'large'; readonly megabytes: string } | { readonly why: 'type' };

/** Undefined: nothing is known against it. */
export function unfitPicture({ size, type }: { readonly size: number; readonly type: string }): Unfit | undefined {
  if (size > MOST_BYTES) return { why: 'large', megabytes: (size / 1024 / 1024).toFixed(1) };
  return TYPES.includes(type) ? undefined : { why: 'type' };
}

/** The hub's reasons that have words of the page; another one is shown as the hub says it. */
const REASONS = [
  [/^the SVG is not well-formed/, 'svg'],
  [/^the SVG says neither/, 'unsized'],
  [/^it is not a picture/, 'damaged'],
  [/pixels; a side has at most/, 'pixels'],
  [/^there are \d+ already/, 'many'],
] as const;

export function reasonOf(detail: string): (typeof REASONS)[number][1] | undefined {
  return REASONS.find(([pattern]) => pattern.test(detail))?.[1];
}

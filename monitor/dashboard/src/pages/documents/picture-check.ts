/** The hub's limits, told before megabytes are sent; the hub looks again at whatever it gets. */
const MOST_BYTES = 5 * 1024 * 1024;
const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'];
export const ACCEPTED = TYPES.join(',');

export type Unfit =
  | { readonly why: 'large'; readonly megabytes: string }
  | { readonly why: 'type' }
  | { readonly why: 'svg' };

/** Undefined: nothing is known against it. `isXml` tells whether a text is well-formed. */
export function unfitPicture(
  file: { readonly size: number; readonly type: string },
  text: string | undefined,
  isXml: (text: string) => boolean,
): Unfit | undefined {
  if (file.size > MOST_BYTES) return { why: 'large', megabytes: (file.size / 1024 / 1024).toFixed(1) };
  if (!TYPES.includes(file.type)) return { why: 'type' };
  if (text !== undefined && !isXml(text)) return { why: 'svg' };
  return undefined;
}

export function isXml(text: string): boolean {
  return new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror') === null;
}

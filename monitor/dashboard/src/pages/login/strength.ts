/** What the hub asks for at least. */
export const SHORTEST = 12;
const STRONG = 16;

export type Strength = 'short' | 'weak' | 'fair' | 'good';

/** In words rather than points: how a password that somebody is about to choose would hold. */
export function strengthOf(password: string, name: string): Strength {
  if (password.length < SHORTEST) return 'short';
  if (ownCharacters(password, name) < SHORTEST / 2 || new Set(password).size < 5) return 'weak';
  if (runs(password) > password.length / 2) return 'weak';
  return password.length >= STRONG ? 'good' : 'fair';
}

/** Characters that are not the name. */
function ownCharacters(password: string, name: string): number {
  return name === '' ? password.length : password.toLowerCase().replaceAll(name.toLowerCase(), '').length;
}

/** Characters that only repeat or count on from the one before: aaaa, 1234, dcba. */
function runs(password: string): number {
  const codes = [...password].map((letter) => letter.codePointAt(0) ?? 0);
  return codes.filter((code, index) => index > 0 && Math.abs(code - (codes[index - 1] ?? 0)) <= 1).length;
}

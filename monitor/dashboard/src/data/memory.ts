/** Small choices that outlast a visit. A browser may forbid storage: then they last as long as the page. */
export function remembered(name: string): string | undefined {
  try {
    return globalThis.localStorage?.getItem(`sluice.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: string): void {
  try {
    globalThis.localStorage?.setItem(`sluice.${name}`, value);
  } catch {
    // See above.
  }
}

export function forget(name: string): void {
  try {
    globalThis.localStorage?.removeItem(`sluice.${name}`);
  } catch {
    // See above.
  }
}

/** The only file of the page that touches Date and timers; a lint rule forbids them elsewhere. */

export function browserNow(): number {
  return Date.now();
}

export function every(ms: number, then: () => void): () => void {
  const timer = setInterval(then, ms);
  return () => clearInterval(timer);
}

export function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

export function dateOf(ms: number): Date {
  return new Date(ms);
}

export function utcOf(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Undefined if it is no time. */
export function parseIso(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

export function isoOf(at: number): string {
  return new Date(at).toISOString();
}

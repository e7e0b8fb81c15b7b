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

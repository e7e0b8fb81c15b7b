/** Where documents name what they show, each by an id that begins with its gateway. */
const NAMING = new Set(['point', 'points', 'device', 'devices', 'gateway']);

/** Gateways that a document of any kind speaks of. */
export function gatewaysIn(body: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  walk(body, false, found);
  return found;
}

function walk(part: unknown, isName: boolean, found: Set<string>): void {
  if (typeof part === 'string') {
    if (isName) found.add(part.split('/', 1)[0] ?? '');
  } else if (Array.isArray(part)) {
    for (const each of part) walk(each, isName, found);
  } else if (typeof part === 'object' && part !== null) {
    for (const [key, value] of Object.entries(part)) walk(value, NAMING.has(key), found);
  }
}

import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** What a schema says about a document once it has been looked at to the end. */
export interface Survey<T> {
  /** Everything that is wrong; empty for a good document. */
  readonly issues: readonly Issue[];
  /** What is left once everything wrong has been taken out; undefined if nothing can be. */
  readonly rest: { readonly value: T } | undefined;
  /** The place in the document of a place in the rest: what stood before it in a list may have been taken out. */
  placeOf(path: Path): Path;
  /** Names of things that were taken out as a whole: that they are missing says nothing new. */
  readonly missing: readonly string[];
}

/** Rounds of looking: each takes something out, so this only bounds the work on a hopeless document. */
const MOST_ROUNDS = 20;

/**
 * A schema stops at the first layer of mistakes: while a key has a wrong type, nothing that needs the whole object is checked. So
 * what is wrong is taken out of a copy, and the rest is looked at again.
 */
export function survey<S extends z.ZodType>(schema: S, document: unknown): Survey<z.output<S>> {
  const draft = new Draft(document);
  const issues: Issue[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const result = schema.safeParse(draft.value);
    const { placeOf, missing } = draft;
    if (result.success) return { issues, rest: { value: result.data }, placeOf, missing };
    const told = result.error.issues.map((issue) => ({ ...issue, path: [...placeOf(issue.path as Path)] }));
    const fresh = told.filter((issue) => isNew(issue, draft, issues));
    issues.push(...fresh);
    if (!draft.takeOut(result.error.issues.flatMap(culprits))) break;
  }
  return { issues, rest: undefined, placeOf: draft.placeOf, missing: draft.missing };
}

/** Where the wrong things of an issue stand. */
function culprits(issue: Issue): Path[] {
  const path = issue.path as Path;
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

/** Not told before, and no echo of what has been taken out: its place, or something of it that is missing now. */
function isNew({ path, message }: Issue, draft: Draft, told: readonly Issue[]): boolean {
  const place = path as Path;
  if (draft.isKnown(place) || (message.includes('is missing') && draft.hasLost(place))) return false;
  return !told.some((issue) => issue.message === message && JSON.stringify(issue.path) === JSON.stringify(path));
}

const isWithin = (path: Path, outer: Path) => outer.every((step, i) => path[i] === step);

function lastFirst(a: Path, b: Path): number {
  const at = a.findIndex((step, i) => step !== b[i]);
  return at >= 0 && typeof a[at] === 'number' ? Number(b[at]) - Number(a[at]) : 0;
}

/** A copy of a document that loses parts and remembers which. */
class Draft {
  readonly value: unknown;
  readonly missing: string[] = [];
  readonly #gone: Path[] = [];

  constructor(document: unknown) {
    this.value = structuredClone(document);
  }

  /** Was something at or around this place of the document taken out already? */
  isKnown(place: Path): boolean {
    return this.#gone.some((gone) => isWithin(place, gone));
  }

  /** Was something of what stands at this place taken out? */
  hasLost(place: Path): boolean {
    return place.length > 0 && this.#gone.some((gone) => isWithin(gone, place));
  }

  readonly placeOf = (path: Path): Path => {
    const place: (string | number)[] = [];
    for (const step of path) place.push(typeof step === 'number' ? this.#original(place, step) : step);
    return place;
  };

  /** Takes out what stands at these paths of the draft, or, where nothing does, what should have had it. True if anything went. */
  takeOut(paths: readonly Path[]): boolean {
    const found = paths.flatMap((path) => [this.#existing(path) ?? []]).filter((path) => path.length > 0);
    const unique = [...new Map(found.map((path) => [JSON.stringify(path), path])).values()];
    const outermost = unique.filter((path) => !unique.some((other) => other !== path && isWithin(path, other)));
    const before = this.#gone.length;
    // From the end of lists to their beginning, so that the places of those still to go stay right.
    for (const path of outermost.sort(lastFirst)) this.#remove(path);
    return this.#gone.length > before;
  }

  #existing(path: Path): Path | undefined {
    for (let length = path.length; length > 0; length--) {
      const parent = this.#at(path.slice(0, length - 1));
      if (parent !== null && typeof parent === 'object' && (path[length - 1] as string) in parent)
        return path.slice(0, length);
    }
    return undefined;
  }

  #remove(path: Path): void {
    const parent = this.#at(path.slice(0, -1));
    const key = path.at(-1) as string | number;
    if (parent === null || typeof parent !== 'object' || !(key in parent)) return;
    const removed = (parent as Record<string | number, unknown>)[key];
    const name = (removed as { name?: unknown } | null)?.name ?? key;
    if (removed !== null && typeof removed === 'object' && typeof name === 'string') this.missing.push(name);
    this.#gone.push(this.placeOf(path));
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete (parent as Record<string, unknown>)[key];
  }

  #at(path: Path): unknown {
    let at: unknown = this.value;
    for (const step of path) at = (at as Record<string | number, unknown> | null | undefined)?.[step];
    return at;
  }

  /** The index in the document of an index in a list that has lost some. */
  #original(list: Path, index: number): number {
    const lost = this.#gone
      .filter((gone) => gone.length === list.length + 1 && isWithin(gone, list))
      .map((gone) => Number(gone.at(-1)))
      .sort((a, b) => a - b);
    let original = index;
    for (const place of lost) if (place <= original) original += 1;
    return original;
  }
}

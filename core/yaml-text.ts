import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';

type Path = readonly (string | number)[];

export interface YamlText {
  /** Plain data. */
  readonly raw: unknown;
  /** The line, from 1, of the deepest part of `path` that exists. */
  lineOf(path: Path): number;
}

export interface YamlProblem {
  readonly line: number;
  readonly message: string;
}

/** Aliases that one text may expand to: a configuration has few, and a bomb has millions. */
const MOST_ALIASES = 20;

/**
 * Plain data only: no merge keys, no custom tags, few aliases, no key that would reach a prototype, so that no text can blow up in memory
 * or change anything but itself. Or what is wrong with it.
 */
export function readYaml(text: string): YamlText | { readonly problems: readonly YamlProblem[] } {
  const lines = new LineCounter();
  const lineAt = (offset: number) => lines.linePos(offset).line;
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core', stringKeys: true });
    const problems = document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message }));
    visit(document, {
      Pair(_, { key }) {
        if (isScalar(key) && key.value === '__proto__')
          problems.push({ line: lineAt(key.range?.[0] ?? 0), message: '`__proto__` is no name' });
      },
    });
    if (problems.length > 0) return { problems };
    const raw: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { raw, lineOf: (path) => lineOf(document, lineAt, path) };
  } catch (error) {
    if (error instanceof RangeError) return { problems: [{ line: 1, message: 'is nested too deeply' }] };
    // So the library says that a few lines would become millions.
    if (error instanceof ReferenceError) return { problems: [{ line: 1, message: error.message }] };
    throw error;
  }
}

function lineOf(document: Document, lineAt: (offset: number) => number, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const position = positionOf(document, path.slice(0, length));
    if (position !== undefined) return lineAt(position);
  }
  return 1;
}

function positionOf(document: Document, path: Path): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => (key as { value?: unknown } | null)?.value === last);
    return (pair?.key as { range?: [number, number, number] } | undefined)?.range?.[0];
  }
  return (document.getIn(path, true) as { range?: [number, number, number] } | undefined)?.range?.[0];
}

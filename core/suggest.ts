import type { z } from 'zod';

/** The name that was probably meant, if one is near enough. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const name of names) {
    const distance = editDistance(word.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

type Definition = {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  valueType?: z.ZodType;
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
};

/** The keys that an object schema knows at `path` of a document. Unions give the keys of all their branches. */
export function allowedKeys(schema: z.ZodType, path: readonly (string | number)[], raw: unknown): string[] {
  const keys = new Set<string>();
  for (const found of resolve(schema, path)) {
    for (const key of Object.keys(definition(found).shape ?? {})) keys.add(key);
  }
  const given = path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null)?.[step], raw);
  return [...keys].filter((key) => !(given && typeof given === 'object' && key in given)).sort();
}

function resolve(schema: z.ZodType, path: readonly (string | number)[]): z.ZodType[] {
  const def = definition(schema);
  const inner = def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
  if (inner) return resolve(inner, path);
  if (def.options) return def.options.flatMap((option) => resolve(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  const next = def.shape?.[String(step)] ?? def.element ?? def.valueType;
  return next ? resolve(next, rest) : [];
}

function definition(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}

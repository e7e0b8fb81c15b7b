import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { type JsonBounds, parseBoundedJson } from '../../core/bounded-json.ts';
import { type Catalogue, catalogueSchema } from './catalogue.ts';

/** Deflated bytes in one part. */
const PART_BYTES = 256 * 1024;
const MOST_PARTS = 64;
/** A catalogue of 200,000 points, as JSON. */
const MAX_CATALOGUE_BYTES = 96 * 1024 * 1024;
const CATALOGUE_BOUNDS: JsonBounds = { parts: 4_000_000, depth: 32 };
/** Of a configuration or a schema. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** A part of a text: what both directions have in common. */
const part = {
  version: z.number().int().nonnegative(),
  /** SHA-256 of the whole text, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** From 0; left out for a document in one part. */
  part: z
    .number()
    .int()
    .min(0)
    .max(MOST_PARTS - 1)
    .default(0),
  parts: z.number().int().min(1).max(MOST_PARTS).default(1),
  /** Deflated, cut, base64. */
  body: z.string().max(1024 * 1024),
};

/** A part of a document that the hub asked for with `fetch`. */
export const documentSchema = z
  .object({ name: z.enum(['catalogue', 'schema', 'config', 'twins']), ...part })
  .refine(({ part, parts }) => part < parts);
export type DocumentPart = z.output<typeof documentSchema>;

/** What the hub wants of a gateway, a part of each document in a message. */
export const desiredSchema = z.object({
  documents: z
    .array(z.object({ what: z.enum(['config', 'twins']), ...part }).refine(({ part, parts }) => part < parts))
    .max(16),
});
export type Desired = z.output<typeof desiredSchema>;

interface TextPart {
  readonly version: number;
  readonly hash: string;
  readonly part: number;
  readonly parts: number;
  readonly body: string;
}

export function hashOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A text as its parts, in order. */
export function textParts(text: string, version: number): TextPart[] {
  const hash = hashOf(text);
  const deflated = deflateRawSync(Buffer.from(text));
  const parts = Math.max(1, Math.ceil(deflated.length / PART_BYTES));
  return Array.from({ length: parts }, (_, part) => {
    const body = deflated.subarray(part * PART_BYTES, (part + 1) * PART_BYTES).toString('base64');
    return { version, hash, part, parts, body };
  });
}

/** Puts the parts of one text together. They come in order; a first part begins anew. */
export class TextParts {
  readonly #mostBytes: number;
  #hash = '';
  #bodies: Buffer[] = [];

  constructor(mostBytes = MAX_CONFIG_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** The text with its last part; `incomplete` before; undefined if the parts do not make what they say. */
  add({ hash, part, parts, body }: TextPart): { readonly text: string } | 'incomplete' | undefined {
    if (part === 0) {
      this.#hash = hash;
      this.#bodies = [];
    }
    if (hash !== this.#hash || part !== this.#bodies.length) return undefined;
    this.#bodies.push(Buffer.from(body, 'base64'));
    // Whatever it is, it is larger than it may be.
    if (this.#bodies.reduce((sum, { length }) => sum + length, 0) > this.#mostBytes) return undefined;
    if (part + 1 < parts) return 'incomplete';
    try {
      const text = inflateRawSync(Buffer.concat(this.#bodies.splice(0)), { maxOutputLength: this.#mostBytes });
      return hashOf(text) === hash ? { text: text.toString('utf8') } : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Its parts, in order. */
export function catalogueDocuments(catalogue: Catalogue): DocumentPart[] {
  return textParts(JSON.stringify(catalogue), catalogue.version).map((part) => ({ name: 'catalogue', ...part }));
}

/** Puts the parts of one catalogue together. */
export class CatalogueParts {
  readonly #parts = new TextParts(MAX_CATALOGUE_BYTES);

  /** The catalogue with its last part; `incomplete` before; undefined if the parts do not make what they say. */
  add(given: DocumentPart): Catalogue | 'incomplete' | undefined {
    const whole = this.#parts.add(given);
    if (whole === undefined || whole === 'incomplete') return whole;
    try {
      const catalogue = catalogueSchema.safeParse(parseBoundedJson(Buffer.from(whole.text), CATALOGUE_BOUNDS));
      return catalogue.success ? catalogue.data : undefined;
    } catch {
      return undefined;
    }
  }
}

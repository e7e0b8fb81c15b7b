import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { type Catalogue, catalogueSchema } from './catalogue.ts';

/** Deflated bytes in one part. */
const PART_BYTES = 256 * 1024;
const MOST_PARTS = 64;
/** A catalogue of 200,000 points, as JSON. */
const MAX_TEXT_BYTES = 96 * 1024 * 1024;

/** A part of a document that the hub asked for with `fetch`. For now the catalogue alone. */
export const documentSchema = z
  .object({
    name: z.literal('catalogue'),
    version: z.number().int().nonnegative(),
    /** SHA-256 of the whole JSON text, hex. */
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    /** From 0; left out for a document in one part. */
    part: z
      .number()
      .int()
      .min(0)
      .max(MOST_PARTS - 1)
      .default(0),
    parts: z.number().int().min(1).max(MOST_PARTS).default(1),
    /** JSON, deflated, cut, base64. */
    body: z.string().max(1024 * 1024),
  })
  .refine(({ part, parts }) => part < parts);
export type CatalogueDocument = z.output<typeof documentSchema>;

/** Its parts, in order. */
export function catalogueDocuments(catalogue: Catalogue): CatalogueDocument[] {
  const text = Buffer.from(JSON.stringify(catalogue));
  const hash = createHash('sha256').update(text).digest('hex');
  const deflated = deflateRawSync(text);
  const parts = Math.max(1, Math.ceil(deflated.length / PART_BYTES));
  return Array.from({ length: parts }, (_, part) => {
    const body = deflated.subarray(part * PART_BYTES, (part + 1) * PART_BYTES).toString('base64');
    return { name: 'catalogue', version: catalogue.version, hash, part, parts, body };
  });
}

/** Puts the parts of one catalogue together. They come in order; a first part begins anew. */
export class CatalogueParts {
  #hash = '';
  #bodies: Buffer[] = [];

  /** The catalogue with its last part; `incomplete` before; undefined if the parts do not make what they say. */
  add({ hash, part, parts, body }: CatalogueDocument): Catalogue | 'incomplete' | undefined {
    if (part === 0) {
      this.#hash = hash;
      this.#bodies = [];
    }
    if (hash !== this.#hash || part !== this.#bodies.length) return undefined;
    this.#bodies.push(Buffer.from(body, 'base64'));
    if (part + 1 < parts) return 'incomplete';
    return readCatalogue(Buffer.concat(this.#bodies.splice(0)), hash);
  }
}

function readCatalogue(deflated: Buffer, hash: string): Catalogue | undefined {
  try {
    const text = inflateRawSync(deflated, { maxOutputLength: MAX_TEXT_BYTES });
    if (createHash('sha256').update(text).digest('hex') !== hash) return undefined;
    const catalogue = catalogueSchema.safeParse(JSON.parse(text.toString('utf8')));
    return catalogue.success ? catalogue.data : undefined;
  } catch {
    return undefined;
  }
}

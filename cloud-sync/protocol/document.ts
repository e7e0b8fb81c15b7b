import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { type Catalogue, catalogueSchema } from './catalogue.ts';
import { MAX_BODY_BYTES } from './frame.ts';

/** A document that the hub asked for with `fetch`. For now the catalogue alone, in one part. */
export const documentSchema = z.object({
  name: z.literal('catalogue'),
  version: z.number().int().nonnegative(),
  /** SHA-256 of the JSON text, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** JSON, deflated, base64. */
  body: z.string().max(1024 * 1024),
});
export type CatalogueDocument = z.output<typeof documentSchema>;

export function catalogueDocument(catalogue: Catalogue): CatalogueDocument {
  const text = Buffer.from(JSON.stringify(catalogue));
  const hash = createHash('sha256').update(text).digest('hex');
  return { name: 'catalogue', version: catalogue.version, hash, body: deflateRawSync(text).toString('base64') };
}

/** Undefined if it does not hold what it says. */
export function readCatalogueDocument(document: CatalogueDocument): Catalogue | undefined {
  try {
    const text = inflateRawSync(Buffer.from(document.body, 'base64'), { maxOutputLength: MAX_BODY_BYTES });
    if (createHash('sha256').update(text).digest('hex') !== document.hash) return undefined;
    const catalogue = catalogueSchema.safeParse(JSON.parse(text.toString('utf8')));
    return catalogue.success ? catalogue.data : undefined;
  } catch {
    return undefined;
  }
}

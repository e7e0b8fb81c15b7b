import { crc32c } from '../../cloud-sync/protocol/crc32c.ts';

/**
 * A document of `meta` as it is stored: JSON, then its checksum in white space, which an older release overlooks: 32 characters,
 * a tab for each bit that is set. What an older release has written has none and is taken as it is.
 */
const BITS = 32;
const SUM = /[\t ]{32}$/;

export function writeDocument(document: unknown): Buffer {
  const json = JSON.stringify(document);
  const sum = crc32c(Buffer.from(json));
  return Buffer.from(json + sumText(sum));
}

/** Undefined when it is damaged. */
export function readDocument(stored: Buffer): unknown {
  const text = stored.toString();
  const sum = SUM.exec(text)?.[0];
  const json = sum === undefined ? text : text.slice(0, -BITS);
  if (sum !== undefined && sum !== sumText(crc32c(Buffer.from(json)))) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function sumText(sum: number): string {
  return Array.from({ length: BITS }, (_, bit) => ((sum >>> bit) & 1 ? '\t' : ' ')).join('');
}

/**
 * Number of a record in its epoch, from 0, never reused. 64 bits on the wire; here a safe integer: at a million records a
 * second 2^53 lasts 285 years, and a frame that claims more is refused as malformed. Decimal string in JSON.
 */
export type Seq = number;

/** Identity of one journal: 128 random bits as 32 hex digits. */
export type Epoch = string;

/** First 8 bytes of the SHA-256 of the frame before, as 16 hex digits; zeros before the first frame of an epoch. */
export type Chain = string;

export const NO_CHAIN: Chain = '0'.repeat(16);

export type GatewayId = string;

export function seqToJson(seq: Seq): string {
  return String(seq);
}

import type { ReadingColumn } from '../../cloud-sync/protocol/frame.ts';

/** A column as test/protocol-vectors writes it: one of numbers, booleans and texts. */
export interface VectorColumn {
  readonly point: number;
  readonly times: readonly number[];
  readonly numbers?: readonly number[];
  readonly booleans?: readonly number[];
  readonly texts?: readonly string[];
  readonly faults?: readonly number[];
}

export function columnsFrom(columns: readonly VectorColumn[]): ReadingColumn[] {
  return columns.map(({ point, times, numbers, booleans, texts, faults }) => ({
    point,
    times: Float64Array.from(times),
    values: numbers
      ? { kind: 'number', numbers: Float64Array.from(numbers) }
      : booleans
        ? { kind: 'boolean', bits: Uint8Array.from(booleans) }
        : { kind: 'text', texts: texts ?? [] },
    ...(faults ? { faults: Uint8Array.from(faults) } : {}),
  }));
}

import { decodeReadings } from './columns.ts';
import { decodeEvents } from './event-body.ts';
import type { JournalEvent } from './events.ts';
import { type FrameHeader, type ReadingColumn, readBody, readHeader } from './frame.ts';

/** A frame, all of it checked. Readings come as columns: numbers run column by column from `header.first`. */
export type DecodedFrame =
  | { readonly kind: 'readings'; readonly header: FrameHeader; readonly columns: readonly ReadingColumn[] }
  | { readonly kind: 'events'; readonly header: FrameHeader; readonly events: readonly JournalEvent[] };

/** @throws Fault frame-malformed; frame-damaged when only the checksum is wrong */
export function decodeFrame(frame: Buffer): DecodedFrame {
  return decodeBody(readHeader(frame), frame);
}

/**
 * For a frame whose header was read.
 * @throws Fault frame-malformed
 */
export function decodeBody(header: FrameHeader, frame: Buffer): DecodedFrame {
  const body = readBody(frame);
  return header.kind === 'readings'
    ? { kind: 'readings', header, columns: decodeReadings(body, header.count) }
    : { kind: 'events', header, events: decodeEvents(body, header.count) };
}

import { isFault } from '../core/faults.ts';
import { bad, type Outcome } from '../core/reading.ts';
import type { PointSpec } from './plant-types.ts';
import { findDriver } from './registry.ts';

/** What recorded replies, in hexadecimal or as text, come to for a point; undefined if they do not tell of it. */
export function fromFrames(
  driverName: string,
  { frames = [], text }: { frames?: readonly string[] | undefined; text?: string | undefined },
  point: PointSpec,
): Outcome | undefined {
  const replies = text === undefined ? frames.map(fromHex) : [Buffer.from(text, 'latin1')];
  try {
    return findDriver(driverName)?.decode?.([point], replies).get(point.name);
  } catch (error) {
    if (isFault(error)) return bad(error.code);
    throw error;
  }
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

import { checkJsonBounds, type JsonBounds } from '../../core/bounded-json.ts';
import { Fault } from '../../core/faults.ts';
import { eventSchema, type JournalEvent } from './events.ts';
import { MAX_BODY_BYTES } from './frame.ts';

/** Of a body of the greatest length that holds a catalogue. */
const BOUNDS: JsonBounds = { parts: 2_000_000, depth: 32 };

/** Body of an events frame: one JSON object a line. */
export function encodeEvents(events: readonly JournalEvent[]): Buffer {
  return Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'));
}

/**
 * `count` is the header's.
 * @throws Fault frame-malformed
 */
export function decodeEvents(body: Buffer, count: number): JournalEvent[] {
  if (body.length > MAX_BODY_BYTES) throw new Fault('frame-malformed', 'events too long');
  try {
    checkJsonBounds(body, BOUNDS);
  } catch (cause) {
    throw new Fault('frame-malformed', `events ${(cause as Error).message}`, { cause });
  }
  const lines = body.toString('utf8').split('\n');
  if (lines.length !== count) throw new Fault('frame-malformed', 'count and lines differ');
  return lines.map(parseLine);
}

function parseLine(line: string): JournalEvent {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch (cause) {
    throw new Fault('frame-malformed', 'an event is no JSON', { cause });
  }
  const event = eventSchema.safeParse(raw);
  if (!event.success) throw new Fault('frame-malformed', `event: ${event.error.issues[0]?.message}`);
  return event.data;
}

import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import { type DecodedFrame, decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { ReadingColumn } from '../../cloud-sync/protocol/frame.ts';
import { type Epoch, type Seq, seqToJson } from '../../cloud-sync/protocol/numbers.ts';
import { isoTime } from '../../core/clock.ts';
import { csvLine } from '../../core/csv.ts';
import { type FaultCode, findFaultByWire, isFault } from '../../core/faults.ts';
import { type PointId, pointId, type UnixMs, type Value } from '../../core/reading.ts';
import type { Journal } from './journal.ts';

/** Stamps from `from` up to, not including, `to`. */
export interface RecordSpan {
  readonly from?: UnixMs | undefined;
  readonly to?: UnixMs | undefined;
}

/** A record as it lies in the journal: a reading, or an event. */
interface JournalRecord {
  readonly epoch: Epoch;
  readonly seq: Seq;
  readonly at: UnixMs;
  readonly point?: PointId;
  readonly value?: Value;
  readonly fault?: FaultCode;
  readonly event?: JournalEvent;
  /** The stamp was made before the clock was set. */
  readonly clockUncertain: boolean;
}

const CSV_HEADER = ['epoch', 'seq', 'at', 'point', 'value', 'fault', 'event', 'clock'];

/**
 * One text per frame, in the order of the numbers; what is damaged is left out, its numbers are missing. Times of CSV are ISO 8601 in UTC, those of NDJSON
 * Unix milliseconds. Points are named by the newest catalogue, which keeps every number that was ever given.
 */
export async function* exportRecords(
  journal: Journal,
  { format, ...span }: RecordSpan & { readonly format: 'csv' | 'ndjson' },
): AsyncGenerator<string, void> {
  const lineOf = format === 'csv' ? toCsv : toJson;
  if (format === 'csv') yield csvLine(CSV_HEADER);
  for await (const records of journalRecords(journal, span)) yield records.map(lineOf).join('');
}

/** How many records `exportRecords` will write. Without a span only the numbers are looked at. */
export async function countRecords(journal: Journal, span: RecordSpan): Promise<number> {
  if (span.from === undefined && span.to === undefined)
    return journal.epochs().reduce((sum, { floor, next }) => sum + next - floor, 0);
  let count = 0;
  for await (const records of journalRecords(journal, span)) count += records.length;
  return count;
}

async function* journalRecords(
  journal: Journal,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: RecordSpan,
): AsyncGenerator<JournalRecord[], void> {
  const names = pointNames(journal.knownCatalogue());
  for (const { epoch } of journal.epochs()) {
    for await (const { bytes } of journal.wholeFrames(epoch)) {
      const wanted = readRecords(bytes, names).filter(({ at }) => at >= from && at < to);
      if (wanted.length > 0) yield wanted;
    }
  }
}

/** A frame whose checksum is right and whose body cannot be read is left out like a damaged one. */
function readRecords(bytes: Uint8Array, names: ReadonlyMap<number, PointId>): JournalRecord[] {
  try {
    return [...recordsOf(decodeFrame(Buffer.from(bytes)), names)];
  } catch (error) {
    if (isFault(error)) return [];
    throw error;
  }
}

function pointNames(catalogue: Catalogue | null): ReadonlyMap<number, PointId> {
  return new Map(catalogue?.points.map(({ number, device, point }) => [number, pointId(device, point)]));
}

function* recordsOf(frame: DecodedFrame, names: ReadonlyMap<number, PointId>): Iterable<JournalRecord> {
  const { epoch, clockUncertain, first } = frame.header;
  let seq = first;
  if (frame.kind === 'events') {
    for (const event of frame.events) yield { epoch, seq: seq++, at: event.at, event, clockUncertain };
    return;
  }
  for (const column of frame.columns) {
    const point = names.get(column.point) ?? `#${column.point}`;
    for (const [row, at] of column.times.entries())
      yield { epoch, seq: seq++, at, point, ...outcomeOf(column, row), clockUncertain };
  }
}

function outcomeOf({ values, faults }: ReadingColumn, row: number): { value: Value } | { fault: FaultCode } {
  const wire = faults?.[row] ?? 0;
  if (wire !== 0) return { fault: findFaultByWire(wire) ?? 'fault-unknown' };
  if (values.kind === 'number') return { value: values.numbers[row] as number };
  if (values.kind === 'boolean') return { value: values.bits[row] === 1 };
  return { value: values.texts[row] as string };
}

function toJson({ epoch, seq, clockUncertain, ...record }: JournalRecord): string {
  const uncertain = clockUncertain ? { clockUncertain } : {};
  return `${JSON.stringify({ epoch, seq: seqToJson(seq), ...record, ...uncertain })}\n`;
}

function toCsv({ epoch, seq, at, point, value, fault, event, clockUncertain }: JournalRecord): string {
  const told = event === undefined ? '' : JSON.stringify(event);
  const shown = value === undefined ? '' : String(value);
  const clock = clockUncertain ? 'uncertain' : '';
  return csvLine([epoch, seqToJson(seq), isoTime(at), point ?? '', shown, fault ?? '', told, clock]);
}

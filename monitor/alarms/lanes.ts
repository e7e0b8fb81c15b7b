import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs, Value } from '../../core/reading.ts';

/** Of a record: the hub's number of its journal, and its own. Later journals of a gateway have higher numbers. */
export interface Place {
  readonly journal: number;
  readonly seq: Seq;
}

/**
 * A transition as either lane tells it: of the live lane `place` is that of the raising record, of the journal that of its own.
 * `changed`: of the live lane, the last record about it; left out by gateways of earlier releases.
 */
export interface Told {
  readonly place: Place;
  readonly changed?: Place;
  readonly active: boolean;
  readonly at: UnixMs;
  readonly value?: Value;
}

/**
 * How far the two lanes have told of one rule. Both tell the same story in the same order; the live lane leaves things out and is ahead,
 * the journal is complete and may be a week behind.
 */
export interface Lanes {
  /** The latest record that the desk has followed, from either lane, other than an end in the journal; left out: none. */
  readonly newest?: Place;
  /**
   * What the journal has raised and not ended yet. `known`: the desk has that occurrence already, or its continuation. `until`: its end,
   * of which the live lane has told.
   */
  readonly open?: { readonly told: Told; readonly known: boolean; readonly until?: Place };
  /** Raised by the live lane, and not reached by the journal. */
  readonly ahead: readonly Place[];
  /** Over before anybody heard of their raising, says the live lane; not reached by the journal. */
  readonly over: readonly Over[];
}

interface Over extends Place {
  /** Record of its end, if the gateway has named it. */
  readonly until?: Place;
}

const NOTHING: Lanes = { ahead: [], over: [] };

export interface LaneStep {
  readonly lanes: Lanes;
  /** What it means for the newest occurrence. */
  readonly now?: 'raise' | 'clear';
  /** An older occurrence that the live lane had left out: over, and only now heard of. */
  readonly past?: { readonly raised: Told; readonly clearedAt: UnixMs };
}

export function liveStep(lanes: Lanes = NOTHING, isActive: boolean, told: Told): LaneStep {
  const { place, changed = place } = told;
  const { newest, ahead, over } = lanes;
  const isNew = isAfter(place, newest);
  if (told.active) {
    if (isNew) return { lanes: { ...lanes, newest: changed, ahead: [...ahead, place] }, now: 'raise' };
    // It goes on, and other things are suppressed now. If it is over here, the journal has said so.
    return isActive && isAfter(changed, newest) ? { lanes: { ...lanes, newest: changed }, now: 'raise' } : { lanes };
  }
  if (isNew) {
    const until = told.changed === undefined ? {} : { until: told.changed };
    return { lanes: { ...lanes, over: [...over, { ...place, ...until }] } };
  }
  // Without `changed` it is certain only if nothing has come after its raising.
  const isItsEnd = told.changed === undefined ? isSame(place, newest) : isAfter(changed, newest);
  return isActive && isItsEnd ? { lanes: { ...lanes, newest: changed }, now: 'clear' } : { lanes };
}

export function journalStep(lanes: Lanes = NOTHING, isActive: boolean, told: Told): LaneStep {
  const { place } = told;
  const isLeft = (each: Place) => isBefore(place, each);
  const { open, ...rest } = { ...lanes, ahead: lanes.ahead.filter(isLeft), over: lanes.over.filter(isLeft) };
  if (!told.active) return ended(rest, isActive, told, open);
  const found = lanes.over.find((each) => isSame(each, place));
  // It goes on, to an end of which the live lane has told.
  if (open?.until && isBefore(place, open.until)) return { lanes: { ...rest, open } };
  if (isAfter(place, lanes.newest) && !found) {
    return { lanes: { ...rest, newest: place, open: { told, known: true } }, now: 'raise' };
  }
  const known = lanes.ahead.some((each) => isSame(each, place));
  // A raising of what was raised already goes on with it: the gateway had forgotten.
  const until = found?.until === undefined ? {} : { until: found.until };
  return { lanes: { ...rest, open: known ? { told, known } : (open ?? { told, known, ...until }) } };
}

/** A gateway has started and has forgotten the alarm: what was raised before is over. */
export function bootStep({ open, ...lanes }: Lanes, isActive: boolean, boot: Told): LaneStep {
  return ended(lanes, isActive, boot, open);
}

function ended(lanes: Omit<Lanes, 'open'>, isActive: boolean, told: Told, open: Lanes['open']): LaneStep {
  if (open && !open.known) return { lanes, past: { raised: open.told, clearedAt: told.at } };
  // What was raised after this is not what ended here.
  return isActive && isAfter(told.place, lanes.newest) ? { lanes, now: 'clear' } : { lanes };
}

function isAfter(place: Place, newest: Place | undefined): boolean {
  return newest === undefined || isBefore(newest, place);
}

function isBefore(a: Place, b: Place): boolean {
  return a.journal === b.journal ? a.seq < b.seq : a.journal < b.journal;
}

function isSame(a: Place, b: Place | undefined): boolean {
  return a.journal === b?.journal && a.seq === b.seq;
}

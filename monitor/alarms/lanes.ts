import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs, Value } from '../../core/reading.ts';

/** Of a record: the hub's number of its journal, and its own. Later journals of a gateway have higher numbers. */
export interface Place {
  readonly journal: number;
  readonly seq: Seq;
}

/** A transition as either lane tells it: of the live lane `place` is that of the raising record, of the journal that of its own. */
export interface Told {
  readonly place: Place;
  readonly active: boolean;
  readonly at: UnixMs;
  readonly value?: Value;
}

/**
 * How far the two lanes have told of one rule. Both tell the same story in the same order; the live lane leaves things out and is ahead,
 * the journal is complete and may be a week behind.
 */
export interface Lanes {
  /** The latest raising heard of, from either lane; left out: none that the desk has. */
  readonly newest?: Place;
  /** What the journal has raised and not ended yet. `known`: the desk has that occurrence already, or its continuation. */
  readonly open?: { readonly told: Told; readonly known: boolean };
  /** Raised by the live lane, and not reached by the journal. */
  readonly ahead: readonly Place[];
  /** Over before anybody heard of their raising, says the live lane; not reached by the journal. */
  readonly over: readonly Place[];
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
  const { place } = told;
  const { newest, ahead, over } = lanes;
  if (told.active) {
    if (!isAfter(place, newest)) return { lanes };
    return { lanes: { ...lanes, newest: place, ahead: [...ahead, place] }, now: 'raise' };
  }
  if (newest && isSame(newest, place)) return isActive ? { lanes, now: 'clear' } : { lanes };
  return isAfter(place, newest) ? { lanes: { ...lanes, over: [...over, place] } } : { lanes };
}

export function journalStep(lanes: Lanes = NOTHING, isActive: boolean, told: Told): LaneStep {
  const { place } = told;
  const isLeft = (each: Place) => isBefore(place, each);
  const { open, ...rest } = { ...lanes, ahead: lanes.ahead.filter(isLeft), over: lanes.over.filter(isLeft) };
  if (!told.active) return ended(rest, isActive, told, open);
  const isOver = lanes.over.some((each) => isSame(each, place));
  if (isAfter(place, lanes.newest) && !isOver) {
    return { lanes: { ...rest, newest: place, open: { told, known: true } }, now: 'raise' };
  }
  const known = lanes.ahead.some((each) => isSame(each, place));
  // A raising of what was raised already goes on with it: the gateway had forgotten.
  return { lanes: { ...rest, open: known ? { told, known } : (open ?? { told, known }) } };
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

function isSame(a: Place, b: Place): boolean {
  return a.journal === b.journal && a.seq === b.seq;
}

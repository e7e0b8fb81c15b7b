import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { LiveAlarm } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch, GatewayId, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs, Value } from '../../core/reading.ts';
import { type RuleName, ruleKey, type Terms } from './alarm.ts';
import { bootStep, journalStep, type LaneStep, type Lanes, liveStep, type Place, type Told } from './lanes.ts';
import { isForgettable, type Stage } from './stage.ts';
import { type Command, type Raise, type Step, stepAlarm } from './step.ts';

/** Transitions older than this when first heard are history, not news. */
export const LATE_MS = 10 * 60_000;

export interface LiveInput {
  readonly kind: 'live';
  readonly gateway: GatewayId;
  readonly alarms: readonly LiveAlarm[];
  readonly heardAt: UnixMs;
  /** Gateway's clock minus the hub's when they met: a Pi without a battery may be a night behind. */
  readonly offsetMs?: number;
}

/** Records of one journal, in order. */
export interface JournalInput {
  readonly kind: 'journal';
  readonly gateway: GatewayId;
  readonly epoch: Epoch;
  /** The hub's number of the journal. */
  readonly journal: number;
  readonly events: readonly JournalRecord[];
  /** Number after the last record that was looked at. */
  readonly next: Seq;
}

export interface JournalRecord {
  readonly seq: Seq;
  readonly event: JournalEvent;
  readonly heardAt: UnixMs;
}

/** An alarm that comes from no journal: the hub's own, or another system's. */
export interface OwnInput {
  readonly kind: 'own';
  readonly name: RuleName & { readonly point: string };
  readonly at: UnixMs;
  readonly now: UnixMs;
  readonly value?: Value;
  /** Left out: it is over. */
  readonly raise?: { readonly terms: Terms; readonly suppressed?: boolean };
}

export interface CommandInput {
  readonly kind: 'command';
  readonly id: string;
  readonly key: string;
  readonly by: string;
  readonly now: UnixMs;
  readonly comment?: string;
  readonly command: Command;
}

export type Input =
  | LiveInput
  | JournalInput
  | OwnInput
  | CommandInput
  | { readonly kind: 'tick'; readonly now: UnixMs };

/** What a transition may say besides. */
type Extra = Pick<LiveAlarm, 'suppressed' | 'limit'>;

export interface Surroundings {
  terms(gateway: GatewayId, device: string, rule: string): Terms;
  /** The hub's number of a journal; undefined if it has not been heard of. */
  journal(gateway: GatewayId, epoch: Epoch): number | undefined;
}

/** Turns what is heard and asked into steps of the alarms concerned. Returns why a command does not fit. */
export function applyInput(stage: Stage, input: Input, around: Surroundings): string | undefined {
  switch (input.kind) {
    case 'live':
      for (const alarm of inTime(input.alarms)) applyLive(stage, input, alarm, around);
      return undefined;
    case 'journal':
      applyJournal(stage, input, around);
      return undefined;
    case 'own':
      applyOwn(stage, input);
      return undefined;
    case 'command':
      return applyCommand(stage, input);
    case 'tick':
      for (const key of stage.keys()) {
        const held = stage.find(key);
        if (held && isForgettable(held, input.now)) stage.forget(key);
        else if (held) take(stage, key, stepAlarm(held.condition, { what: 'tick', now: input.now }), held.lanes);
      }
      return undefined;
  }
}

/** Several in one message: the first to happen is the first out. Ends keep standing before raisings of the same instant. */
function inTime(alarms: LiveInput['alarms']): LiveInput['alarms'] {
  return [...alarms].sort((a, b) => a.at - b.at || Number(a.active) - Number(b.active));
}

function applyLive(
  stage: Stage,
  { gateway, heardAt, offsetMs = 0 }: LiveInput,
  alarm: LiveInput['alarms'][number],
  around: Surroundings,
): void {
  const { epoch, seq } = alarm.occurrence;
  const journal = around.journal(gateway, epoch);
  const changed = alarm.changed && { journal: around.journal(gateway, alarm.changed.epoch), seq: alarm.changed.seq };
  // A journal that nobody has named: its records will tell.
  if (journal === undefined || (changed && !isKnown(changed))) return;
  const name = { gateway, device: alarm.device, rule: alarm.rule, point: alarm.point };
  const held = stage.find(ruleKey(name));
  const told = { ...toTold({ journal, seq }, alarm), ...(changed ? { changed } : {}) };
  const step = liveStep(held?.lanes, held?.condition?.alarm.active ?? false, told);
  const transition = { name, told, epoch, heardAt, extra: alarm, offsetMs };
  follow(stage, transition, step, around);
}

function isKnown(place: Omit<Place, 'journal'> & { journal: number | undefined }): place is Place {
  return place.journal !== undefined;
}

function applyJournal(stage: Stage, input: JournalInput, around: Surroundings): void {
  const { gateway, epoch, journal, next } = input;
  const from = stage.cursor(journal);
  for (const { seq, event, heardAt } of input.events) {
    if (seq < from) continue;
    if (event.event === 'boot' && event.alarms) applyBoot(stage, input, { seq, event, heardAt }, around);
    if (event.event !== 'alarm') continue;
    const name = { gateway, device: event.device, rule: event.rule, point: event.point };
    const held = stage.find(ruleKey(name));
    const told = toTold({ journal, seq }, event);
    const step = journalStep(held?.lanes, held?.condition?.alarm.active ?? false, told);
    follow(stage, { name, told, epoch, heardAt, extra: event }, step, around);
  }
  if (next > from) stage.moveCursor(journal, next);
}

/** The gateway says what it still holds as active; of the rest nobody will tell the end. */
function applyBoot(
  stage: Stage,
  { gateway, epoch, journal }: JournalInput,
  { seq, event, heardAt }: JournalRecord,
  around: Surroundings,
): void {
  const told = { place: { journal, seq }, at: event.at, active: false };
  const listed = new Set(
    ('alarms' in event ? event.alarms : undefined)?.map(({ device, rule }) => ruleKey({ gateway, device, rule })),
  );
  for (const key of stage.keysOf(gateway)) {
    const held = stage.find(key);
    const alarm = held?.condition?.alarm;
    if (!held?.lanes || !alarm || listed.has(key)) continue;
    const step = bootStep(held.lanes, alarm.active, told);
    follow(stage, { name: alarm, told, epoch, heardAt, extra: {}, comment: 'forgotten' }, step, around);
  }
}

interface Transition {
  readonly name: RuleName & { readonly point: string };
  readonly told: Told;
  readonly epoch: Epoch;
  readonly heardAt: UnixMs;
  readonly extra: Extra;
  /** Left out: a journal tells it. */
  readonly offsetMs?: number;
  readonly comment?: string;
}

function follow(stage: Stage, transition: Transition, step: LaneStep, around: Surroundings): void {
  const { name, told, heardAt } = transition;
  const key = ruleKey(name);
  const held = stage.find(key);
  if (step.past) addPast(stage, transition, step.past, around);
  if (step.now === 'raise') {
    const raise = toRaise(stage, transition, around);
    take(stage, key, stepAlarm(held?.condition, raise), step.lanes);
  } else if (step.now === 'clear') {
    const note = transition.comment === undefined ? {} : { comment: transition.comment };
    take(stage, key, stepAlarm(held?.condition, { what: 'clear', at: told.at, now: heardAt, ...note }), step.lanes);
  } else if (step.lanes !== held?.lanes) {
    stage.set(key, { ...held, lanes: step.lanes });
  }
}

function toRaise(
  stage: Stage,
  { name, told, epoch, heardAt, extra, offsetMs }: Transition,
  around: Surroundings,
): Raise {
  const terms = around.terms(name.gateway, name.device, name.rule);
  return {
    what: 'raise',
    id: occurrenceId(name.gateway, epoch, told.place.seq),
    name,
    terms,
    at: told.at,
    heardAt,
    // By the gateway's clock and, of what is told live, also by the hub's: when in doubt people are told.
    late: heardAt - told.at - Math.max(0, -(offsetMs ?? 0)) > LATE_MS,
    standing: offsetMs !== undefined,
    ...(told.value === undefined ? {} : { value: told.value }),
    ...(extra.limit === undefined ? {} : { limit: extra.limit }),
    suppressed: extra.suppressed ?? false,
    firstOut: terms.group !== undefined && stage.isFirstOut(name.gateway, terms.group),
  };
}

/** Raised and cleared in one go, as history: what stands on the desk is newer. */
function addPast(
  stage: Stage,
  transition: Transition,
  past: NonNullable<LaneStep['past']>,
  around: Surroundings,
): void {
  const { raised, clearedAt } = past;
  const raise = toRaise(stage, { ...transition, told: raised, extra: {} }, around);
  const first = stepAlarm(undefined, { ...raise, firstOut: false });
  const second = stepAlarm(first.condition, { what: 'clear', at: clearedAt, now: transition.heardAt });
  stage.record([...first.changes, ...second.changes], second.condition ? [second.condition.alarm] : []);
}

function applyOwn(stage: Stage, { name, at, now, value, raise }: OwnInput): void {
  const key = ruleKey(name);
  const held = stage.find(key);
  if (!raise) {
    take(stage, key, stepAlarm(held?.condition, { what: 'clear', at, now }), undefined);
    return;
  }
  const { terms, suppressed = false } = raise;
  const event: Raise = {
    ...{ what: 'raise', id: `${name.gateway}~hub~${stage.nextNumber()}`, name, terms, at, heardAt: now, suppressed },
    ...(value === undefined ? {} : { value }),
    late: false,
    firstOut: terms.group !== undefined && stage.isFirstOut(name.gateway, terms.group),
  };
  take(stage, key, stepAlarm(held?.condition, event), undefined);
}

function applyCommand(stage: Stage, { id, key, by, now, comment, command }: CommandInput): string | undefined {
  const held = stage.find(key);
  if (!held?.condition) return 'it is no longer known';
  const { alarm } = held.condition;
  const isAboutOccurrence = command.what === 'ack' || command.what === 'reset';
  if (isAboutOccurrence && alarm.id !== id) return `it was raised anew as ${alarm.id}`;
  const step = stepAlarm(held.condition, { ...command, by, now, ...(comment === undefined ? {} : { comment }) });
  take(stage, key, step, held.lanes);
  return step.refused;
}

function take(stage: Stage, key: string, { condition, changes, filed }: Step, lanes: Lanes | undefined): void {
  if (!condition) return;
  stage.set(key, lanes ? { condition, lanes } : { condition });
  stage.record(changes, filed);
}

function toTold(place: Place, { at, active, value }: { at: UnixMs; active: boolean; value?: Value | undefined }): Told {
  return { place, at, active, ...(value === undefined ? {} : { value }) };
}

/** Names an occurrence: fit for a URL as it is. */
function occurrenceId(gateway: GatewayId, epoch: Epoch, seq: Seq): string {
  return `${gateway}~${epoch}~${seq}`;
}

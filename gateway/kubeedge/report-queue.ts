import type { UnixMs } from '../../core/reading.ts';

/** States that EdgeCore takes. */
export type KubeState = 'online' | 'offline' | 'unhealthy' | 'unknown';

export interface TwinValue {
  readonly property: string;
  readonly desired: string;
  readonly reported: string;
}

/** How a device stands now. */
export interface Stand {
  readonly id: string;
  readonly state: KubeState;
  readonly twins: readonly TwinValue[];
}

interface StateReport {
  readonly kind: 'state';
  readonly id: string;
  readonly state: KubeState;
}

export type KubeReport =
  | StateReport
  | { readonly kind: 'twins'; readonly id: string; readonly twins: readonly TwinValue[] };

interface Told {
  state: { readonly text: KubeState; readonly ticks: number } | undefined;
  /** When a state was tried last. */
  stateTicks: number;
  /** By property. No text: it may have been forgotten. */
  readonly twins: Map<string, { text: string | undefined; readonly ticks: number; readonly times: number }>;
  /** When twins were tried last; the one who waits longest is next. */
  twinsTicks: number;
  at?: UnixMs;
}

/**
 * What did not change is told again after so long, each state and each property by itself: EdgeCore says yes also to what it then discards
 * for want of a link.
 */
const REPEAT_MS = 600_000;
/** The cloud keeps a blank for the first report of a property: the second comes as soon as it is sure to be another. */
const SECOND_MS = 10_000;
/** Where news wait, one call in so many is spent on repeating, and on the first word that a device is online. */
const CALM_AFTER = 10;
/** Bad states in a row, where one waits that has become good. */
const MOST_BAD_IN_ROW = 3;

/**
 * What to tell KubeEdge next, where far fewer calls are allowed than values change: states first, then the device that has waited longest
 * with something new, all its newest values in one call. Nothing queues up: what is overtaken is never sent.
 */
export class ReportQueue {
  readonly #told = new Map<string, Told>();
  readonly #gapMs: number;
  /** Reports of twins since the last one of a state. */
  #twinsInRow = 1;
  /** Reports since the last one that could have waited. */
  #newsInRow = 0;
  #badInRow = 0;

  /** `gapMs`: between two reports of one device's twins. */
  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  /** `ticks` are monotonic milliseconds. */
  next(stands: readonly Stand[], ticks: number): KubeReport | undefined {
    const all = stands.flatMap((stand) => [...this.#stateOf(stand, ticks), ...this.#twinsOf(stand, ticks)]);
    const news = all.filter(({ isNews }) => isNews);
    const calm = longest(all.filter(({ isNews }) => !isNews));
    if (news.length === 0 || (calm !== undefined && this.#newsInRow >= CALM_AFTER)) return calm?.report;
    const twins = longest(news.filter(({ report }) => report.kind === 'twins'));
    const state = this.#nextState(news.filter(({ report }) => report.kind === 'state'));
    if (state === undefined || twins === undefined) return (state ?? twins)?.report;
    return (this.#twinsInRow < 1 ? twins : state).report;
  }

  /** What is bad first, of that who waits longest: devices that come and go keep nobody else waiting for ever. */
  #nextState(states: readonly Candidate[]): Candidate | undefined {
    const bad = longest(states.filter(({ report }) => isBad(report)));
    const good = longest(states.filter(({ report }) => !isBad(report)));
    if (bad === undefined || good === undefined) return bad ?? good;
    return this.#badInRow < MOST_BAD_IN_ROW ? bad : good;
  }

  /** It is sent, and taken as far as anybody says. */
  told(report: KubeReport, ticks: number, at: UnixMs): void {
    const told = this.#tried(report, ticks);
    told.at = at;
    if (report.kind === 'state') told.state = { text: report.state, ticks };
    else
      for (const twin of report.twins) {
        const times = (told.twins.get(twin.property)?.times ?? 0) + 1;
        told.twins.set(twin.property, { text: textOf(twin), ticks, times });
      }
  }

  /** It could not be sent, for a reason of its own: others come first. */
  skip(report: KubeReport, ticks: number): void {
    this.#tried(report, ticks);
  }

  /** The other side may have forgotten everything. */
  forget(): void {
    for (const id of this.#told.keys()) this.forgetOne(id);
  }

  /** It may not have been taken of this one. */
  forgetOne(id: string): void {
    const told = this.#told.get(id);
    if (told === undefined) return;
    told.state = undefined;
    for (const twin of told.twins.values()) twin.text = undefined;
  }

  /** Only these are left. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#told.keys()) if (!ids.has(id)) this.#told.delete(id);
  }

  toldAt(id: string): UnixMs | undefined {
    return this.#told.get(id)?.at;
  }

  /** That nothing is known yet is no news of a device that was never told of; and values say that it is online before the word does. */
  #stateOf({ id, state }: Stand, ticks: number): Candidate[] {
    const told = this.#told.get(id);
    const before = told?.state;
    const isFirst = before === undefined;
    if (isFirst ? state === 'unknown' : before.text === state && ticks - before.ticks < REPEAT_MS) return [];
    const isNews = isFirst ? state !== 'online' : before.text !== state;
    return [{ report: { kind: 'state', id, state }, isNews, triedTicks: told?.stateTicks ?? NEVER }];
  }

  /** What changed, and what it is time to say again. */
  #twinsOf({ id, twins }: Stand, ticks: number): Candidate[] {
    const told = this.#told.get(id);
    const triedTicks = told?.twinsTicks ?? NEVER;
    if (ticks - triedTicks < this.#gapMs) return [];
    let isNews = false;
    const due = twins.filter((twin) => {
      const before = told?.twins.get(twin.property);
      const isNew = before?.text !== textOf(twin);
      isNews ||= isNew;
      return isNew || ticks - before.ticks >= (before.times === 1 ? SECOND_MS : REPEAT_MS);
    });
    return due.length === 0 ? [] : [{ report: { kind: 'twins', id, twins: due }, isNews, triedTicks }];
  }

  #tried(report: KubeReport, ticks: number): Told {
    const told = this.#of(report.id);
    const isState = report.kind === 'state';
    this.#newsInRow = this.#isCalm(report, told) ? 0 : this.#newsInRow + 1;
    this.#twinsInRow = isState ? 0 : this.#twinsInRow + 1;
    if (isState) this.#badInRow = isBad(report) ? this.#badInRow + 1 : 0;
    if (isState) told.stateTicks = ticks;
    else told.twinsTicks = ticks;
    return told;
  }

  /** It could have waited. */
  #isCalm(report: KubeReport, { state, twins }: Told): boolean {
    if (report.kind === 'state') return report.state === (state?.text ?? 'online');
    return report.twins.every((twin) => twins.get(twin.property)?.text === textOf(twin));
  }

  #of(id: string): Told {
    const told = this.#told.get(id) ?? { state: undefined, stateTicks: NEVER, twins: new Map(), twinsTicks: NEVER };
    this.#told.set(id, told);
    return told;
  }
}

const NEVER = Number.NEGATIVE_INFINITY;

interface Candidate {
  readonly report: KubeReport;
  /** It changed; else it is only said again, or for good order. */
  readonly isNews: boolean;
  readonly triedTicks: number;
}

function isBad(report: KubeReport): boolean {
  return report.kind === 'state' && report.state !== 'online';
}

/** Who waits longest. */
function longest(candidates: readonly Candidate[]): Candidate | undefined {
  let first: Candidate | undefined;
  for (const next of candidates) if (first === undefined || next.triedTicks < first.triedTicks) first = next;
  return first;
}

function textOf({ desired, reported }: TwinValue): string {
  return `${desired}\n${reported}`;
}

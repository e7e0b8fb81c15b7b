import type { DesiredText } from '../../cloud-sync/edge-hub/downlink.ts';
import { hashOf } from '../../cloud-sync/protocol/document.ts';
import type { Result } from '../../cloud-sync/protocol/downlink.ts';
import {
  type TwinDocument,
  type TwinStand,
  type TwinWanted,
  twinDocumentSchema,
  twinResult,
} from '../../cloud-sync/protocol/twins.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { aborted, type Service } from '../../core/service.ts';
import type { Intake, Keeper } from '../intake.ts';
import type { PointState } from '../point-state.ts';
import type { WriteBook } from '../writes/write-book.ts';
import type { WritePath } from '../writes/write-path.ts';
import { afterReading, afterWrite, differs, freshPoint, isNews, type Seen, withCode } from './twin-step.ts';
import type { TwinOwner, TwinPointState, TwinState, TwinStore } from './twin-store.ts';
import { needOf, type Watched, watchedSince } from './watched.ts';

export interface TwinDeps {
  readonly store: TwinStore;
  readonly writes: Pick<WritePath, 'take'>;
  readonly book: Pick<WriteBook, 'find'>;
  readonly intake: Pick<Intake, 'devices'>;
  readonly journal: Pick<Keeper, 'event'>;
  /** Orders are numbered below this prefix. `unlessHeld`: what a device is read to hold already is not written. */
  readonly orders: { readonly prefix: string; readonly unlessHeld: boolean };
  /** Who wants what is wanted. */
  readonly owner: TwinOwner;
  /** A first document comes after this version; 0 where its owner counts. */
  readonly begin: number;
  /** Tells the hub at once, if it is there. */
  readonly tell: (result: Result) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 1000;
const LONGEST_AGAIN_MS = 60_000;
/** Between two corrections of a value that somebody else keeps changing. */
const CORRECT_EVERY_MS = 30_000;

const NO_TEXT = JSON.stringify({ points: {} } satisfies TwinDocument);

function noTwins(version: number): TwinState {
  return { document: { version, hash: hashOf(NO_TEXT), text: NO_TEXT }, points: {} };
}

/**
 * Brings each point to the value that is wanted of it, once for each version; watches whether the device keeps it, and says so where not.
 */
export class TwinKeeper implements Service {
  readonly name = 'twins';
  readonly #deps: TwinDeps;
  #state: TwinState;
  #wanted: TwinDocument;
  readonly #watched = new Map<string, Watched>();
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Wanted, and not on the disk yet. */
  #due: DesiredText | undefined;
  #failure: string | undefined;

  private constructor(deps: TwinDeps, state: TwinState) {
    this.#deps = deps;
    this.#state = state;
    this.#wanted = twinDocumentSchema.parse(JSON.parse(state.document.text));
  }

  static async open(deps: TwinDeps): Promise<TwinKeeper> {
    return new TwinKeeper(deps, (await deps.store.load(deps.log, deps.owner)) ?? noTwins(deps.begin));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let cancel: () => void = () => {};
    const look = () => {
      this.#inTurn(() => this.#look());
      cancel = clock.after(LOOK_EVERY_MS, look);
    };
    look();
    await aborted(signal);
    this.#stopped = true;
    cancel();
    await this.#turn;
  }

  stand(): TwinStand {
    const { document, points } = this.#state;
    const wanted = Object.entries(points).filter(([id]) => !this.#wanted.points[id]?.rests);
    const told = wanted.map(([id, { version, state, code, detail }]) => [
      id,
      { version, state, ...(code === undefined ? {} : { code }), ...(detail === undefined ? {} : { detail }) },
    ]);
    return { held: { version: document.version, hash: document.hash }, points: Object.fromEntries(told) };
  }

  get document(): TwinState['document'] {
    return this.#state.document;
  }

  /** Why nothing goes on; it is tried again each second. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** The hub is there: it learns how far everything is. */
  welcomed(): void {
    this.#deps.tell(twinResult(this.stand()));
  }

  /** Its owner wants this. */
  desired(document: DesiredText): void {
    this.#inTurn(() => this.#take(document));
  }

  async #take(document: DesiredText): Promise<void> {
    const { version } = document;
    if (version <= this.#state.document.version) return;
    const { log, owner } = this.#deps;
    const read = readDocument(document.text);
    if (read === undefined) return log.error({ version, owner }, 'the twins that are wanted are not understood');
    this.#due = document;
    const points = Object.entries(read.points).map(([id, wanted]) => {
      const known = this.#state.points[id];
      return [id, known?.version === wanted.version ? known : freshPoint(wanted)] as const;
    });
    for (const [id, { state, version: wantedIn }] of points) {
      if (state !== 'waiting') continue;
      const { writtenAt, readBy } = this.#watch(id);
      // Who waits for a reading does not begin anew because something else is wanted.
      const isOld = this.#state.points[id]?.version === wantedIn;
      this.#watched.set(id, { ...watchedSince(writtenAt), readBy: isOld ? readBy : undefined });
    }
    await this.#save({ document, points: Object.fromEntries(points) });
    this.#due = undefined;
    this.#wanted = read;
    log.info({ version, owner }, 'other values are wanted');
    this.welcomed();
    await this.#look();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    let turn: Promise<void>;
    do {
      turn = this.#turn;
      await turn;
    } while (turn !== this.#turn);
  }

  /** All of them at once: a line that does not answer holds up no other. */
  async #look(): Promise<void> {
    if (this.#due) return this.#take(this.#due);
    const steps = Object.entries(this.#wanted.points).map(async ([id, wanted]) => {
      const before = this.#state.points[id] ?? freshPoint(wanted);
      return [id, await this.#step(id, wanted, before), before] as const;
    });
    const stepped = await Promise.all(steps);
    const changed = stepped.filter(([, after, before]) => after !== before);
    if (changed.length === 0) return;
    await this.#save({ ...this.#state, points: Object.fromEntries(stepped.map(([id, after]) => [id, after])) });
    for (const [id, after, before] of changed) if (isNews(before, after)) this.#journal(id, after);
    if (changed.some(([, after, before]) => differs(before, after))) this.welcomed();
  }

  async #step(id: string, wanted: TwinWanted, before: TwinPointState): Promise<TwinPointState> {
    if (wanted.rests) return before;
    if (before.state === 'waiting' && wanted.command !== undefined) return this.#afterCommand(id, wanted, before);
    if (before.state === 'waiting') return this.#write(id, wanted, before);
    const seen = this.#seen(id);
    const watched = this.#watch(id);
    const after = seen ? afterReading(before, seen, watched.seen) : before;
    if (seen) watched.seen = seen;
    const isOff = after.state === 'drift' || (after.state === 'unknown' && seen !== undefined);
    const mayCorrect = wanted.command === undefined || after.state === 'drift';
    return wanted.enforce && isOff && mayCorrect ? this.#write(id, wanted, after) : after;
  }

  /** A command writes it; its outcome is in the book. Where it wrote nothing, the hub wants what it wanted before. */
  #afterCommand(id: string, wanted: TwinWanted, before: TwinPointState): TwinPointState {
    const outcome = before.tries > 0 ? undefined : this.#deps.book.find(wanted.command as string)?.outcome;
    if (outcome === undefined) return before;
    this.#watch(id).writtenAt = this.#deps.clock.now();
    return afterWrite(before, wanted, outcome);
  }

  async #write(id: string, wanted: TwinWanted, before: TwinPointState): Promise<TwinPointState> {
    const { writes, intake, clock, orders } = this.#deps;
    const watched = this.#watch(id);
    if (orders.unlessHeld && before.state === 'waiting') {
      const point = this.#newest(id);
      const need = point === undefined ? 'wait' : needOf(wanted, point, watched, clock.ticks());
      if (need === 'wait') return before;
      if (need === 'held') return { ...before, state: 'held', taken: wanted.value };
    }
    if (clock.ticks() < watched.notBefore || this.#stopped) return before;
    const device = intake.devices.get(id.slice(0, id.indexOf('/')));
    // Until it answers, nothing is tried; why not is known.
    if (device?.online === false) return withCode(before, device.fault ?? 'no-answer');
    const { value, confirm, by, version } = wanted;
    const tries = this.#tryOf(id, before);
    const order = {
      id: this.#orderId(id, version, tries),
      via: 'twin' as const,
      by,
      point: id,
      value,
      confirm,
    };
    const after = afterWrite({ ...before, tries }, wanted, await writes.take(order));
    const isCorrection = before.state !== 'waiting' || after.state === 'drift';
    watched.notBefore = clock.ticks() + (isCorrection ? CORRECT_EVERY_MS : watched.againMs);
    watched.againMs = Math.min(2 * watched.againMs, LONGEST_AGAIN_MS);
    watched.writtenAt = clock.now();
    watched.seen = undefined;
    return after;
  }

  /** A version that is wanted again after another has been corrected before: those were other orders. */
  #tryOf(id: string, { state, version, tries }: TwinPointState): number {
    let next = tries;
    if (state !== 'waiting') while (this.#deps.book.find(this.#orderId(id, version, next)) !== undefined) next++;
    return next;
  }

  #orderId(id: string, version: number, tries: number): string {
    return `${this.#deps.orders.prefix}-${version}-${tries}-${id}`;
  }

  /** A reading made after the last write. */
  #seen(id: string): Seen | undefined {
    const state = this.#newest(id);
    if (state?.newest?.quality !== 'good' || state.newestAt <= this.#watch(id).writtenAt) return undefined;
    return { value: state.newest.value, at: state.newestAt };
  }

  #newest(id: string): PointState | undefined {
    const [device = '', point = ''] = id.split('/');
    return this.#deps.intake.devices.get(device)?.points.get(point);
  }

  #watch(id: string): Watched {
    const watched = this.#watched.get(id) ?? watchedSince(0);
    this.#watched.set(id, watched);
    return watched;
  }

  #journal(id: string, { version, state, code }: TwinPointState): void {
    const { journal, clock } = this.#deps;
    const wanted = this.#wanted.points[id];
    if (wanted === undefined) return;
    const reported = this.#seen(id)?.value;
    const more = { ...(reported === undefined ? {} : { reported }), ...(code === undefined ? {} : { code }) };
    const what = { point: id, version, state, wanted: wanted.value, ...more };
    journal.event({ event: 'twin', at: clock.now(), ...what }, { urgent: true });
  }

  async #save(state: TwinState): Promise<void> {
    await this.#deps.store.save(state);
    this.#state = state;
    this.#failure = undefined;
  }

  #inTurn(work: () => Promise<void> | void): void {
    this.#turn = this.#turn
      .then(() => (this.#stopped ? undefined : work()))
      .catch((error: unknown) => this.#failed(String(error)));
  }

  /** Said once, however often it is tried. */
  #failed(error: string): void {
    if (error !== this.#failure) this.#deps.log.error({ error }, 'the twins could not be followed');
    this.#failure = error;
  }
}

function readDocument(text: string): TwinDocument | undefined {
  try {
    return twinDocumentSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

import type { WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import { Fault, isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { aborted, type Service } from '../../core/service.ts';
import { findDriver } from '../../devices/registry.ts';
import type { EdgeClock } from '../edge-clock.ts';
import type { Intake, Keeper } from '../intake.ts';
import { isSamePoint } from '../plant-change.ts';
import type { RunningChannel } from '../poll/polling.ts';
import type { WriteBook } from './write-book.ts';
import { checkExpiry, checkValue } from './write-checks.ts';
import { type WriteTarget, writeDevice } from './write-device.ts';
import type { WriteLock } from './write-lock.ts';
import type { WriteOrder } from './write-order.ts';
import { WriteRate } from './write-rate.ts';

export interface WriteDeps {
  readonly book: WriteBook;
  readonly lock: WriteLock;
  readonly intake: Pick<Intake, 'devices' | 'answers'>;
  readonly polling: { readonly channels: readonly RunningChannel[] };
  readonly journal: Pick<Keeper, 'event'>;
  readonly clock: Pick<EdgeClock, 'now' | 'ticks' | 'hubNow'>;
  readonly log: Log;
}

/** Refusals that a program on the event bus can cause; what is more is logged alone. */
const MOST_REFUSALS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

const INTERRUPTED: WriteOutcome = {
  ...{ state: 'unknown', code: 'write-unknown' },
  detail: 'the gateway stopped in between',
};

/** A disk restored from an image does not know what was done since, and a command lost on its way looks the same. */
const FORGOTTEN: WriteOutcome = {
  ...{ state: 'unknown', code: 'write-unknown' },
  detail: 'it was sent before the gateway started last, and nothing is known of it here',
};

/**
 * The only way by which anything is written to a device, whoever asks: checked, noted on the disk, written once, read back, noted again.
 * One after the other on a line.
 */
export class WritePath implements Service {
  readonly name = 'writes';
  /** How they ended since the start, by who asked. */
  readonly counts: Readonly<Record<WriteOrder['via'], Partial<Record<WriteOutcome['state'], number>>>> = {
    hub: {},
    bus: {},
    twin: {},
  };
  readonly #deps: WriteDeps;
  readonly #rate = new WriteRate();
  /** By id, those under way. */
  readonly #running = new Map<string, Running>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #refusals: readonly number[] = [];
  #stopped = false;

  constructor(deps: WriteDeps) {
    this.#deps = deps;
  }

  /** What was begun when the process ended is not known, and stays so. */
  async run(signal: AbortSignal): Promise<void> {
    const { book } = this.#deps;
    for (const [id, { order, outcome, told }] of book.entries()) {
      if (outcome === undefined && !this.#running.has(id)) await this.#follow(order, this.#end(order, INTERRUPTED));
      else if (outcome !== undefined && !told) this.#tell(order, outcome);
    }
    await aborted(signal);
    this.#stopped = true;
    await Promise.allSettled(this.#running.values());
    await book.close();
  }

  /** What becomes of it; of an id that is known, what became of it: point and value must be the same then. */
  take(order: WriteOrder): Promise<WriteOutcome> {
    const { id, point } = order;
    const running = this.#running.get(id);
    const known = this.#deps.book.find(id);
    const first = running?.order ?? known?.order;
    if (first !== undefined && !isSame(first, order)) return Promise.resolve(this.#isAnother(order, first));
    if (running) return running.work;
    if (known?.outcome) return Promise.resolve(known.outcome);
    // Begun in an earlier life; `run` has not come to it yet.
    if (known) return this.#follow(known.order, this.#end(known.order, INTERRUPTED));
    if (order.again) return this.#follow(order, this.#end(order, FORGOTTEN));
    if (this.#stopped) return Promise.resolve({ state: 'refused', code: 'gateway-away' });
    const line = this.#lineOf(point);
    const work = (this.#turns.get(line) ?? Promise.resolve()).then(() => this.#perform(order));
    this.#turns.set(
      line,
      work.catch(() => {}),
    );
    return this.#follow(order, work);
  }

  #follow(order: WriteOrder, work: Promise<WriteOutcome>): Promise<WriteOutcome> {
    this.#running.set(order.id, { order, work });
    void work.finally(() => this.#running.delete(order.id)).catch(() => {});
    return work;
  }

  /** What became of the first of that id is not its outcome, and stays in the book. */
  #isAnother({ id, point }: WriteOrder, first: Asked): WriteOutcome {
    this.#deps.log.warn({ id, point, first: first.point }, 'a write is refused: its id is that of another');
    const detail = `its id is that of another write: ${first.point} = ${first.value}`.slice(0, 500);
    return { state: 'refused', code: 'request-invalid', detail };
  }

  #lineOf(point: string): string {
    const [device = ''] = point.split('/');
    return this.#deps.intake.devices.get(device)?.spec.channel ?? '';
  }

  async #perform(order: WriteOrder): Promise<WriteOutcome> {
    const { book, clock, intake, log } = this.#deps;
    // It has waited for its line until now, and nothing of it has been begun.
    if (this.#stopped) return { state: 'refused', code: 'gateway-away' };
    log.info({ id: order.id, point: order.point, by: order.by, via: order.via }, 'a write is asked for');
    let target: WriteTarget;
    try {
      target = await this.#admit(order);
    } catch (error) {
      if (!isFault(error)) throw error;
      return this.#refuse(order, { state: 'refused', code: error.code, detail: error.message.slice(0, 500) });
    }
    const { device, spec } = target;
    const newest = intake.devices.get(device.name)?.points.get(spec.name)?.newest;
    const before = newest?.quality === 'good' ? { before: newest.value } : {};
    try {
      await Promise.all([this.#note(order, { phase: 'begun', ...before }), book.begin(order, clock.now())]);
    } catch (error) {
      log.error({ id: order.id, error: String(error) }, 'a write cannot be noted, and is not begun');
      return { state: 'failed', code: 'journal-write', detail: String(error).slice(0, 500) };
    }
    const { outcome, readBack } = await writeDevice(target, order, () => this.#checkAgain(order, target));
    const current = intake.devices.get(device.name)?.spec;
    if (readBack && current === device) intake.answers(device, new Map([[spec.name, readBack]]));
    return this.#end(order, { ...before, ...outcome });
  }

  /** Throws the fault that refuses it. */
  async #admit(order: WriteOrder): Promise<WriteTarget> {
    const { lock, clock } = this.#deps;
    const target = this.#target(order);
    checkExpiry(order.expires, clock.hubNow);
    checkValue(target.spec, order);
    await lock.check();
    this.#rate.take(order.point, target.spec, clock.ticks());
    return target;
  }

  /** Disk and line take their time: whoever locks, or configures the point otherwise, meanwhile is obeyed. Throws as `#admit` does. */
  async #checkAgain(order: WriteOrder, target: WriteTarget): Promise<void> {
    const { lock, clock } = this.#deps;
    await lock.check();
    const now = this.#target(order);
    if (now.channel !== target.channel || !isSamePoint(target.device, now.device, target.spec.name))
      throw new Fault('not-found', `${order.point} was configured anew meanwhile`);
    checkExpiry(order.expires, clock.hubNow);
  }

  /** Where it goes now. Throws Fault not-found. */
  #target({ point }: WriteOrder): WriteTarget {
    const { intake, polling } = this.#deps;
    const [deviceName = '', pointName = ''] = point.split('/');
    const state = intake.devices.get(deviceName);
    const spec = state?.points.get(pointName)?.spec;
    if (state === undefined || spec === undefined) throw new Fault('not-found', `point ${point}`);
    const device = state.spec;
    const channel = polling.channels.find((line) => line.spec.name === device.channel)?.channel;
    const driver = findDriver(device.driver);
    if (channel === undefined || driver === undefined) throw new Fault('not-found', `line ${device.channel}`);
    return { channel, driver, device, spec };
  }

  /** One of the hub's is kept, so that it gets the same answer again. */
  async #refuse(order: WriteOrder, outcome: WriteOutcome): Promise<WriteOutcome> {
    const { log, clock } = this.#deps;
    if (order.via === 'hub') return this.#end(order, outcome);
    log.warn({ id: order.id, point: order.point, code: outcome.code }, 'a write is refused');
    this.#count(order, outcome);
    const ticks = clock.ticks();
    this.#refusals = this.#refusals.filter((at) => at > ticks - MINUTE_MS);
    if (this.#refusals.length >= MOST_REFUSALS_PER_MINUTE) return outcome;
    this.#refusals = [...this.#refusals, ticks];
    void this.#note(order, phaseOf(outcome));
    return outcome;
  }

  async #end(order: WriteOrder, outcome: WriteOutcome): Promise<WriteOutcome> {
    const { book, clock, log } = this.#deps;
    await book.end(order, outcome, clock.now()).catch((error: unknown) => {
      log.error(
        { id: order.id, error: String(error) },
        'the outcome of a write cannot be noted: after a restart it is unknown',
      );
    });
    log.info({ id: order.id, point: order.point, state: outcome.state, code: outcome.code }, 'the write is over');
    this.#count(order, outcome);
    this.#tell(order, outcome);
    return outcome;
  }

  #count({ via }: WriteOrder, { state }: WriteOutcome): void {
    this.counts[via][state] = (this.counts[via][state] ?? 0) + 1;
  }

  #tell(order: WriteOrder, outcome: WriteOutcome): void {
    const { book, log } = this.#deps;
    this.#note(order, phaseOf(outcome))
      .then(() => (this.#stopped ? undefined : book.told(order.id)))
      .catch((error: unknown) => log.warn({ error: String(error) }, 'the book of writes could not be added to'));
  }

  /** In the journal when it resolves. Throws Fault journal-write if the journal drops it. */
  #note({ id, point, value, by, via }: WriteOrder, what: Noted): Promise<void> {
    const { journal, clock } = this.#deps;
    const event = { event: 'command' as const, at: clock.now(), id, point, value, by: by.slice(0, 100), via, ...what };
    return new Promise((resolve, reject) => {
      const onDropped = () => reject(new Fault('journal-write', 'it takes nothing more'));
      journal.event(event, { urgent: true, onNumber: () => resolve(), onDropped });
    });
  }
}

type Asked = Pick<WriteOrder, 'point' | 'value'>;

interface Running {
  readonly order: Asked;
  readonly work: Promise<WriteOutcome>;
}

function isSame(one: Asked, other: Asked): boolean {
  return one.point === other.point && one.value === other.value;
}

type Noted = Omit<WriteOutcome, 'state'> & { readonly phase: 'begun' | WriteOutcome['state'] };

function phaseOf({ state, ...rest }: WriteOutcome): Noted {
  return { phase: state, ...rest };
}

import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import { Condition, type Log } from '../../core/log.ts';
import { Bell } from './bell.ts';
import { type Channel, ReceiverFault } from './channels/channel.ts';
import type { Message } from './message.ts';
import type { Delivery } from './notice.ts';
import type { Sent } from './notify-store.ts';
import { tellAll } from './tell-all.ts';

export const TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 1000;
const CEILING_MS = 300_000;
/** A message that could not be delivered for so long says nothing that anybody needs. */
const GIVE_UP_MS = 86_400_000;
/** A new message has a receiver that failed tried again at once, but not more often. */
const NUDGE_MS = 5000;
/** After so many tries the next message is tried too. */
const STUBBORN_TRIES = 4;
const RETRY_STORE_MS = 1000;
/** Of a channel whose recipients have no names: one request tells whoever it is. */
const ALONE = [['']];

export interface SenderParts {
  readonly name: string;
  readonly channel: Channel;
  readonly pace: Pace;
  readonly compose: (delivery: Delivery) => Promise<Message>;
  readonly record: (sent: Sent) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 <= random() < 1. */
  readonly random?: () => number;
}

/** When each target was last sent something. Several receivers may be one chat. */
export class Pace {
  readonly #free = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the next turn; answers how long it is until then. */
  take({ target, spacingMs }: Channel): number {
    if (spacingMs === 0) return 0;
    const now = this.#clock.ticks();
    const turn = Math.max(now, this.#free.get(target) ?? 0);
    this.#free.set(target, turn + spacingMs);
    return turn - now;
  }
}

/** Sends one receiver its messages, in their order, by itself: another that hangs is nothing to it. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #failing: Condition;
  readonly #bell = new Bell();
  #channel: Channel;
  #queue: Sent[] = [];
  /** The other side asked to be left alone until then, ticks. */
  #restUntil = 0;
  /** Since the start. */
  readonly counts = { delivered: 0, failures: 0, givenUp: 0 };
  last: Sent | undefined;
  lastFailed: Sent | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#channel = parts.channel;
    this.#failing = new Condition(parts.log, `receiver ${parts.name} of notifications`);
  }

  get name(): string {
    return this.#parts.name;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Messages that nobody has yet: so far it is behind. */
  get behind(): number {
    return this.#queue.filter((sent) => !hasTold(sent)).length;
  }

  /** The oldest message. */
  get head(): Sent | undefined {
    return this.#queue[0];
  }

  /** Messages that are to be sent, in their order. */
  get queued(): readonly Sent[] {
    return this.#queue;
  }

  /** Of messages that are to be sent. */
  ids(): readonly string[] {
    return this.#queue.map(({ id }) => id);
  }

  /** What became of a message, once it is stored. */
  remember(sent: Sent): void {
    if (sent.state === 'delivered') this.last = sent;
    else this.lastFailed = sent;
  }

  /** Another way to the same receiver: what waits is tried on it soon, whatever the old one asked for. */
  use(channel: Channel): void {
    this.#channel = channel;
    this.#restUntil = 0;
    this.#bell.ring();
  }

  add(sent: Sent): void {
    this.#queue.push(sent);
    this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      const head = this.#next();
      if (!head) {
        await this.#bell.wait(3_600_000, clock, signal);
        continue;
      }
      const isDue = await this.#untilDue(head, signal);
      if (signal.aborted) return;
      if (!isDue) continue;
      const outcome = await this.attempt(head, signal);
      const isHeldUp = outcome.state === 'waiting' && !hasTold(outcome);
      if (signal.aborted && isHeldUp) return;
      await this.#settle(outcome, signal);
      if (isHeldUp && outcome.attempts >= STUBBORN_TRIES) await this.#passBy(outcome, signal);
    }
  }

  /** In their order; but one that some have already waits for its other recipients beside the queue, and holds up nothing. */
  #next(): Sent | undefined {
    if (this.#rest > 0) return this.#queue[0];
    const head = this.#queue.find((sent) => !hasTold(sent));
    if (head && this.#left(head) <= 0) return head;
    const [partly] = this.#queue.filter(hasTold).sort((a, b) => a.nextAt - b.nextAt);
    return partly && (!head || this.#left(partly) <= 0) ? partly : head;
  }

  async #settle(outcome: Sent, signal: AbortSignal): Promise<void> {
    await this.#store(outcome, signal);
    const place = this.#queue.findIndex(({ id }) => id === outcome.id);
    this.#queue.splice(place, 1, ...(outcome.state === 'waiting' ? [outcome] : []));
    this.remember(outcome);
  }

  /** If the next message is taken, it is this one that is wrong: it no longer holds up the others. */
  async #passBy(head: Sent, signal: AbortSignal): Promise<void> {
    const next = this.#queue.find((sent) => sent.id !== head.id && !hasTold(sent));
    if (!next || this.#restUntil > this.#parts.clock.ticks()) return;
    const outcome = await this.attempt(next, signal);
    if (outcome.state === 'waiting' && !hasTold(outcome)) return;
    await this.#settle(outcome, signal);
    if (!hasTold(outcome)) return;
    const passed: Sent = { ...head, state: 'given-up', doneAt: this.#parts.clock.now() };
    this.counts.givenUp++;
    await this.#settle(passed, signal);
  }

  get #rest(): number {
    return Math.max(0, this.#restUntil - this.#parts.clock.ticks());
  }

  /** A wall clock that was set back does not hold up an alarm; what the other side asked for is kept. */
  #left(sent: Sent): number {
    const left = Math.min(sent.nextAt - this.#parts.clock.now(), Math.max(CEILING_MS, this.#rest));
    return hasTold(sent) ? Math.max(left, this.#rest) : left;
  }

  /** False: a new message came that goes first. */
  async #untilDue(sent: Sent, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#parts;
    const left = this.#left(sent);
    if (left <= 0 || !(await this.#bell.wait(left, clock, signal)) || sent.attempts === 0) return true;
    if (hasTold(sent)) return false;
    await clock.sleep(Math.min(left, Math.max(this.#rest, NUDGE_MS)), signal).catch(() => {});
    return true;
  }

  /** One try, now; nothing is stored. */
  async attempt(sent: Sent, signal: AbortSignal): Promise<Sent> {
    const { pace, compose, clock } = this.#parts;
    const channel = this.#channel;
    await clock.sleep(pace.take(channel), signal).catch(() => {});
    const { error: _, response: __, ...before } = sent;
    const settled = new Map(Object.entries(sent.settled ?? {}));
    const tried = () => {
      const names = channel.groups && settled.size > 0 ? { settled: Object.fromEntries(settled) } : {};
      return { ...before, ...names, attempts: sent.attempts + 1 };
    };
    try {
      const message = await this.#withTimeout(signal, () => compose(sent));
      const send = (to: readonly string[]) => this.#withTimeout(signal, (within) => channel.send(message, within, to));
      const response = await tellAll(channel.groups ?? ALONE, settled, send, signal);
      this.counts.delivered++;
      this.#failing.end(clock.ticks());
      return { ...tried(), state: 'delivered', doneAt: clock.now(), response: response.slice(0, 500) };
    } catch (error) {
      this.counts.failures++;
      const failed = this.#failed(tried(), error);
      this.#failing.begin(clock.ticks(), { code: isFault(error) ? error.code : undefined, detail: failed.error });
      if (failed.state === 'given-up') this.counts.givenUp++;
      return failed;
    }
  }

  #failed(tried: Sent, error: unknown): Sent {
    const { clock, random = Math.random } = this.#parts;
    const now = clock.now();
    const detail = error instanceof ReceiverFault ? error.detail : String(error);
    const isRefused = isFault(error, 'receiver-refused');
    const ceiling = Math.min(FIRST_WAIT_MS * 2 ** (tried.attempts - 1), CEILING_MS);
    const asked = error instanceof ReceiverFault ? error.retryAfterMs : undefined;
    this.#restUntil = clock.ticks() + (asked ?? 0);
    const nextAt = now + Math.max(asked ?? 0, Math.round(ceiling * (0.5 + random() / 2)));
    const isOver = isRefused || now - tried.createdAt >= GIVE_UP_MS;
    return isOver
      ? { ...tried, state: 'given-up', doneAt: now, error: detail }
      : { ...tried, state: 'waiting', nextAt, error: detail };
  }

  async #withTimeout<T>(signal: AbortSignal, work: (within: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    let abort = () => {};
    // Who does not heed the signal is left behind.
    const aborting = new Promise<never>((_, reject) => {
      abort = () => {
        controller.abort();
        reject(new ReceiverFault('receiver-failed', 'no answer in time'));
      };
    });
    // It may have come while it waited for its pace.
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const stop = this.#parts.clock.after(TIMEOUT_MS, abort);
    try {
      return await Promise.race([work(controller.signal), aborting]);
    } finally {
      stop();
      signal.removeEventListener('abort', abort);
    }
  }

  /** Until it is stored what became of a message, the next one waits: a crash repeats at most one. */
  async #store(outcome: Sent, signal: AbortSignal): Promise<void> {
    const { record, clock, log } = this.#parts;
    for (;;) {
      try {
        return await record(outcome);
      } catch (error) {
        log.warn({ err: error }, 'what became of a notification could not be stored; it is tried again');
        if (signal.aborted) return;
        await clock.sleep(RETRY_STORE_MS, signal).catch(() => {});
      }
    }
  }
}

/** Does anybody have it? */
function hasTold({ state, settled }: Sent): boolean {
  return state === 'delivered' || Object.values(settled ?? {}).includes('');
}

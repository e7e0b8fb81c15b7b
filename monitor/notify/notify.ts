import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Service } from '../../core/service.ts';
import { LATE_MS } from '../alarms/book.ts';
import type { Desk } from '../alarms/desk.ts';
import type { DeskStore } from '../alarms/desk-store.ts';
import type { Database } from '../archive/database.ts';
import type { Fleet, GatewayLink } from '../fleet/fleet.ts';
import type { Job } from '../housekeeping.ts';
import type { Points } from '../points.ts';
import { Bell } from './bell.ts';
import type { Channel } from './channels/channel.ts';
import { Draft, NotifyState } from './draft.ts';
import { type Message, MOST_NOTICES, toMessage } from './message.ts';
import { type Delivery, NEW_LANE } from './notice.ts';
import { NotifyStore, type Sent } from './notify-store.ts';
import { type Planner, planChanges, planTime } from './plan.ts';
import { Recipients } from './recipients.ts';
import { Pace, Sender } from './sender.ts';
import { SenderCrew } from './sender-crew.ts';
import type { NotifySettings } from './settings.ts';

export interface NotifyParts {
  readonly settings: NotifySettings;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly database: Database;
  readonly desk: Pick<Desk, 'listen' | 'next'>;
  readonly deskStore: Pick<DeskStore, 'logFrom'>;
  readonly points: Pick<Points, 'findCatalogue'>;
  readonly fleet: Pick<Fleet, 'link'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Changes planned in one transaction. */
const MOST_CHANGES = 500;
const TICK_MS = 250;
const RETRY_MS = 1000;
/** Where notifications are new, people are told of what the desk has logged for so long: a crash right after the first start loses nothing. */
const FIRST_LOOK_MS = 600_000;
/** Without a planned step for so long nobody would be told of an alarm. */
const DEAD_MS = 60_000;
const GONE = 'there is no such receiver any more';

/**
 * Tells people of alarms. What is to be told is stored in one transaction with how far the desk's log was read, before anything is
 * sent: a restart at any instant loses nothing, and repeats at most the message that was on its way, under the same id.
 */
export class Notify implements Service {
  readonly name = 'notify';
  readonly store: NotifyStore;
  /** Since the start. */
  readonly counts = { planFailures: 0 };
  readonly #parts: NotifyParts;
  readonly #pace: Pace;
  readonly #senders: SenderCrew;
  /** What is to be done between two steps of planning: new settings. */
  readonly #between: (() => Promise<void>)[] = [];
  #settings: NotifySettings;
  #planner: Planner;
  #isRunning = false;
  readonly #bell = new Bell();
  readonly #stopping = new AbortController();
  #state = new NotifyState();
  /** When planning last got through, ticks. */
  #plannedAt: number;

  constructor(parts: NotifyParts) {
    const { settings, database, clock, channels } = parts;
    this.#parts = parts;
    this.#settings = settings;
    this.store = new NotifyStore(database);
    this.#plannedAt = clock.ticks();
    this.#pace = new Pace(clock);
    this.#senders = new SenderCrew();
    for (const [name, channel] of channels) this.#senders.add(this.#newSender(name, channel));
    this.#planner = this.#plannerOf(settings);
  }

  get settings(): NotifySettings {
    return this.#settings;
  }

  get senders(): ReadonlyMap<string, Sender> {
    return this.#senders.all;
  }

  /**
   * Other settings from now on. What waits for a receiver that stays goes on to it by its new way; what waits for one that is gone
   * is given up. Resolves when they hold.
   */
  async use(settings: NotifySettings, channels: ReadonlyMap<string, Channel>): Promise<void> {
    if (!this.#isRunning) return this.#exchange(settings, channels);
    await new Promise<void>((resolve, reject) => {
      this.#between.push(() => this.#exchange(settings, channels).then(resolve, reject));
      this.#bell.ring();
    });
  }

  /** Would anybody be told of an alarm that is raised now? */
  get isAlive(): boolean {
    return this.#parts.clock.ticks() - this.#plannedAt < DEAD_MS;
  }

  /** Removes what is older than is kept. */
  job(): Job {
    return {
      name: 'notify-log',
      schedule: '0 40 * * * *',
      run: (now) => this.store.removeBefore(now - this.#settings.keep),
    };
  }

  /** Notices that wait for others, by receiver. */
  collecting(receiver: string): number {
    const open = Object.values(this.#state.lanes.get(receiver)?.open ?? {});
    return open.reduce((sum, { notices }) => sum + notices, 0);
  }

  async run(signal: AbortSignal): Promise<void> {
    const stop = this.#parts.desk.listen(() => this.#bell.ring());
    try {
      await this.#retrying(signal, () => this.#start());
      this.#isRunning = true;
      await Promise.all([this.#plan(signal), this.#senders.run(signal)]);
    } finally {
      this.#isRunning = false;
      for (const work of this.#between.splice(0)) await work();
      this.#stopping.abort();
      stop();
    }
  }

  /** Sends a message that says it is a test, at once and once. Throws Fault not-found. */
  async test(receiver: string): Promise<Sent> {
    const { clock } = this.#parts;
    const sender = this.senders.get(receiver);
    if (!sender) throw new Fault('not-found', `receiver ${receiver}`);
    const now = clock.now();
    const delivery = { id: randomUUID(), receiver, reason: 'test', createdAt: now, notices: 0 } as const;
    const outcome = await sender.attempt(
      { ...delivery, state: 'waiting', attempts: 0, nextAt: now },
      this.#stopping.signal,
    );
    const done: Sent = outcome.state === 'waiting' ? { ...outcome, state: 'given-up', doneAt: clock.now() } : outcome;
    await this.store.add(done);
    sender.remember(done);
    return done;
  }

  #newSender(name: string, channel: Channel): Sender {
    const { clock, log } = this.#parts;
    const record = (sent: Sent) => this.store.record(sent);
    const compose = (delivery: Delivery) => this.#compose(delivery);
    return new Sender({ ...{ name, channel, pace: this.#pace, compose, record, clock, log } });
  }

  #plannerOf(settings: NotifySettings): Planner {
    const { points, fleet, clock } = this.#parts;
    return {
      settings,
      newId: randomUUID,
      waiting: (receiver) => this.senders.get(receiver)?.behind ?? 0,
      isBehind: (gateway) => isBehind(fleet.link(gateway), clock.now()),
      recipients: new Recipients(settings, (gateway) => points.findCatalogue(gateway)?.site),
    };
  }

  async #exchange(settings: NotifySettings, channels: ReadonlyMap<string, Channel>): Promise<void> {
    const { clock } = this.#parts;
    for (const name of [...this.senders.keys()].filter((each) => !channels.has(each))) {
      const left = await this.#senders.remove(name);
      const done = { state: 'given-up', doneAt: clock.now(), error: GONE } as const;
      for (const sent of left) await this.store.record({ ...sent, ...done });
      await this.#forgetLane(name);
    }
    for (const [name, channel] of channels) {
      const known = this.senders.get(name);
      if (known) known.use(channel);
      else this.#senders.add(this.#newSender(name, channel));
    }
    this.#settings = settings;
    this.#planner = this.#plannerOf(settings);
  }

  /** Another one of the same name is not told what was collected for this one. */
  async #forgetLane(receiver: string): Promise<void> {
    const open = Object.values(this.#state.lanes.get(receiver)?.open ?? {});
    if (open.length === 0) return;
    const now = this.#parts.clock.now();
    for (const { id, reason, since, notices } of open) {
      const delivery = { id, receiver, reason, createdAt: since, notices };
      await this.store.add({ ...delivery, state: 'given-up', attempts: 0, nextAt: now, doneAt: now, error: GONE });
    }
    const draft = new Draft(this.#state);
    draft.lanes.set(receiver, NEW_LANE);
    await this.store.write(draft);
    this.#state.merge(draft);
  }

  async #start(): Promise<void> {
    await this.#load();
    const { clock } = this.#parts;
    for (const sent of await this.store.waiting()) {
      const sender = this.senders.get(sent.receiver);
      if (sender) {
        sender.add(sent);
        continue;
      }
      await this.store.record({ ...sent, state: 'given-up', doneAt: clock.now(), error: GONE });
    }
    for (const sender of this.senders.values()) if (sender.head?.error !== undefined) sender.remember(sender.head);
    for (const sent of await this.store.newest()) this.senders.get(sent.receiver)?.remember(sent);
  }

  async #load(): Promise<void> {
    this.#state = await this.store.load();
  }

  async #plan(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      for (const work of this.#between.splice(0)) await work();
      let isMore = false;
      await this.#retrying(signal, async () => {
        isMore = await this.#step();
        this.#plannedAt = clock.ticks();
      });
      if (!isMore) await this.#bell.wait(TICK_MS, clock, signal);
    }
  }

  /** One transaction. Answers whether the log goes on. */
  async #step(): Promise<boolean> {
    const { desk, deskStore, clock } = this.#parts;
    // Nobody to tell: the log is read from the day on which there is.
    if (this.#senders.all.size === 0) return false;
    const from = this.#state.cursor ?? (await this.store.firstSince(clock.now() - FIRST_LOOK_MS)) ?? desk.next;
    const changes = desk.next > from ? await deskStore.logFrom(from, MOST_CHANGES) : [];
    const draft = new Draft(this.#state);
    draft.cursor = from;
    if (changes.length > 0) planChanges(draft, this.#planner, changes, clock.now());
    planTime(draft, this.#planner, clock.now());
    if (draft.isEmpty) return false;
    await this.store.write(draft);
    this.#state.merge(draft);
    for (const delivery of draft.deliveries) {
      const sent: Sent = { ...delivery, state: 'waiting', attempts: 0, nextAt: delivery.createdAt };
      this.senders.get(delivery.receiver)?.add(sent);
    }
    return changes.length === MOST_CHANGES;
  }

  /** After a failure it is unknown what was stored: it is read again. */
  async #retrying(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#parts;
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        if (!isFirst) await this.#reload();
        return await work();
      } catch (error) {
        this.counts.planFailures++;
        log.warn({ err: error }, 'notifications could not be stored; it is tried again');
        await clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
  }

  /** Messages that were stored although it was reported otherwise are sent too. */
  async #reload(): Promise<void> {
    await this.#load();
    const known = new Set([...this.senders.values()].flatMap((sender) => sender.ids()));
    for (const sent of await this.store.waiting()) {
      if (!known.has(sent.id)) this.senders.get(sent.receiver)?.add(sent);
    }
  }

  async #compose(delivery: Delivery): Promise<Message> {
    const { points, clock } = this.#parts;
    const notices = delivery.notices === 0 ? [] : await this.store.noticesOf(delivery.id, MOST_NOTICES);
    const { timezone, publicUrl } = this.#settings;
    return toMessage(delivery, notices, { points, timezone, publicUrl }, clock.now());
  }
}

/** Connected, and what comes of it is history still. */
function isBehind({ state, backlog, oldestUnsent }: GatewayLink, now: UnixMs): boolean {
  return state !== 'offline' && (backlog ?? 0) > 0 && oldestUnsent !== null && now - oldestUnsent > LATE_MS;
}

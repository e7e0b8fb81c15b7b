import type { DecodedFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { LiveAlarm } from '../../cloud-sync/protocol/messages.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Service } from '../../core/service.ts';
import type { Points } from '../points.ts';
import { type Alarm, type DeskChange, isOver, ruleKey } from './alarm.ts';
import { applyInput, type CommandInput, type Input, type OwnInput, type Surroundings } from './book.ts';
import { type DeskStore, journalInput } from './desk-store.ts';
import { type LogEntry, Shelf, Stage } from './stage.ts';
import type { Command } from './step.ts';
import { termsOf } from './terms.ts';

export interface DeskParts {
  readonly store: DeskStore;
  readonly points: Pick<Points, 'findCatalogue' | 'findJournal'>;
  readonly clock: Clock;
  /** Told when the desk cannot store; it tries again. */
  readonly failed?: (error: unknown) => void;
}

export interface Asked {
  readonly by: string;
  readonly comment?: string | undefined;
}

interface Task {
  readonly input: Input;
  /** Of a command: what became of it. */
  readonly done?: { resolve(refused: string | undefined): void; reject(error: unknown): void };
}

/** Inputs of one transaction: a burst is stored in few, and a listener never waits long for one. */
const MOST_INPUTS = 200;
const MOST_UNREAD = 5000;
/** Far more than one transaction writes. */
const MOST_LOG = 1_000_000;
/** Inputs that wait while the archive cannot store, or stores too slowly. */
const MOST_WAITING = 10_000;
const TICK_MS = 1000;
const RETRY_MS = 1000;

/**
 * The alarms of all gateways as people see them. Every change is in the log, durably and in one transaction with how far each journal
 * was read, before anybody is told: a restart at any instant loses nothing and repeats nothing.
 */
export class Desk implements Service {
  readonly name = 'alarm-desk';
  /** Since the start. */
  readonly counts = { raised: 0, failures: 0 };
  readonly #parts: DeskParts;
  readonly #around: Surroundings;
  readonly #listeners = new Set<(change: LogEntry) => void>();
  #shelf = new Shelf();
  #tasks: Task[] = [];
  #working: Promise<void> | undefined;
  /** It is unknown what is stored: read again before anything else. */
  #isStale = true;
  #isLoaded = false;
  #isClosed = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#around = {
      terms: (gateway, device, rule) => termsOf(parts.points.findCatalogue(gateway), device, rule),
      journal: (gateway, epoch) => parts.points.findJournal(gateway, epoch),
    };
  }

  /** Reads what is stored, and what journals have brought since a desk last looked. Who listens by then is told of that. */
  async catchUp(): Promise<void> {
    await this.#refresh();
  }

  /** The newest occurrence of every rule that asks for something: active, latched, unacknowledged, shelved, out of service. */
  list(): readonly Alarm[] {
    return this.#shelf
      .alarms()
      .filter((alarm) => !isOver(alarm) || alarm.shelvedUntil !== undefined || alarm.outOfService);
  }

  /** Occurrences that are not in the history yet. */
  unfiled(): readonly Alarm[] {
    return this.#shelf.unfiled();
  }

  /** The newest occurrence of a rule, by its id. */
  find(id: string): Alarm | undefined {
    return this.#shelf.findId(id)?.condition?.alarm;
  }

  findRule(gateway: GatewayId, device: string, rule: string): Alarm | undefined {
    return this.#shelf.find(ruleKey({ gateway, device, rule }))?.condition?.alarm;
  }

  /** Alarms of a gateway that are active. */
  active(gateway: GatewayId): number {
    let count = 0;
    for (const key of this.#shelf.keysOf(gateway)) if (this.#shelf.find(key)?.condition?.alarm.active) count++;
    return count;
  }

  /** Inputs that wait for their transaction. */
  get waiting(): number {
    return this.#tasks.length;
  }

  /** Number that the next entry of the log will have. */
  get next(): number {
    return this.#shelf.next;
  }

  /** Each change, once it is durable, with its number in the log. Returns what ends it. A listener must not throw. */
  listen(listener: (change: DeskChange & { readonly n: number }) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ahead of the journal: raised at once. `offsetMs`: gateway's clock minus the hub's. */
  onLive(gateway: GatewayId, alarms: readonly LiveAlarm[], offsetMs = 0): void {
    if (alarms.length === 0) return;
    this.#add({ input: { kind: 'live', gateway, alarms, offsetMs, heardAt: this.#parts.clock.now() } });
  }

  /** After the commit of the frames. */
  onFrames(gateway: GatewayId, frames: readonly DecodedFrame[]): void {
    const journal = (epoch: string) => this.#around.journal(gateway, epoch);
    for (const input of journalInput(gateway, frames, journal, this.#parts.clock.now())) this.#add({ input });
  }

  /** Raised or cleared by the hub itself or for another system. Nothing happens if it is so already. */
  own(input: Omit<OwnInput, 'kind' | 'now'>): void {
    this.#add({ input: { ...input, kind: 'own', now: this.#parts.clock.now() } });
  }

  /** The same of several, and resolves when they are durable. Throws Fault archive-write. */
  async take(inputs: readonly Omit<OwnInput, 'kind' | 'now'>[]): Promise<void> {
    const now = this.#parts.clock.now();
    const adding = inputs.map(
      (input) =>
        new Promise<unknown>((resolve, reject) => {
          this.#add({ input: { ...input, kind: 'own', now }, done: { resolve, reject } });
        }),
    );
    await Promise.all(adding);
  }

  /** Resolves when all that was given so far is stored. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** The last of what was given is stored, or left to the next start if the archive cannot store. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#working;
  }

  /**
   * What is acknowledged already stays as it is: the answer says by whom. All actions resolve when durable.
   * @throws Fault not-found, alarm-unfit, archive-write
   */
  acknowledge(id: string, asked: Asked): Promise<Alarm> {
    return this.#command(id, asked, { what: 'ack' });
  }

  /** `until`: hub's clock, or the next time that it clears. */
  shelve(id: string, asked: Asked & { readonly forMs?: number; readonly untilClear?: boolean }): Promise<Alarm> {
    const until = asked.forMs === undefined ? 'clear' : this.#parts.clock.now() + asked.forMs;
    return this.#command(id, asked, { what: 'shelve', until });
  }

  unshelve(id: string, asked: Asked): Promise<Alarm> {
    return this.#command(id, asked, { what: 'unshelve' });
  }

  reset(id: string, asked: Asked): Promise<Alarm> {
    return this.#command(id, asked, { what: 'reset' });
  }

  setOutOfService(id: string, isOut: boolean, asked: Asked): Promise<Alarm> {
    return this.#command(id, asked, { what: 'service', on: !isOut });
  }

  /** Watches the time: shelves that end, re-alarms, chattering that settles. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    for (;;) {
      await clock.sleep(TICK_MS, signal);
      this.#add({ input: { kind: 'tick', now: clock.now() } });
    }
  }

  async #command(id: string, { by, comment }: Asked, command: Command): Promise<Alarm> {
    const alarm = this.find(id) ?? (await this.#parts.store.findFiled(id));
    if (!alarm) throw new Fault('not-found', `alarm ${id}`);
    const key = ruleKey(alarm);
    // Of an occurrence that is over nothing is left to acknowledge.
    if (command.what === 'ack' && isOver(alarm) && this.find(id) === undefined) return alarm;
    const note = comment === undefined ? {} : { comment };
    const input: CommandInput = { kind: 'command', id, key, by, now: this.#parts.clock.now(), command, ...note };
    const refused = await new Promise<string | undefined>((resolve, reject) => {
      this.#add({ input, done: { resolve, reject } });
    });
    if (refused !== undefined) throw new Fault('alarm-unfit', refused);
    return this.#shelf.find(key)?.condition?.alarm ?? alarm;
  }

  #add(task: Task): void {
    if (this.#tasks.length >= MOST_WAITING && !task.done) {
      // The journals have it too, and are read again.
      this.#isStale = true;
      return;
    }
    this.#tasks.push(task);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    while (this.#tasks.length > 0) {
      // What comes meanwhile waits for the next transaction.
      const tasks = this.#tasks.splice(0, MOST_INPUTS);
      try {
        if (this.#isStale) await this.#refresh();
        const refusals = await this.#store(tasks.map(({ input }) => input));
        for (const [index, { done }] of tasks.entries()) done?.resolve(refusals[index]);
      } catch (cause) {
        await this.#fail(tasks, cause);
      }
    }
    // In the same breath as the look at the tasks: whoever adds one from now on begins anew.
    this.#working = undefined;
  }

  async #fail(tasks: readonly Task[], cause: unknown): Promise<void> {
    this.#isStale = true;
    this.counts.failures++;
    this.#parts.failed?.(cause);
    const fault = new Fault('archive-write', cause instanceof Error ? cause.message : undefined, { cause });
    for (const { done } of tasks) done?.reject(fault);
    if (this.#isClosed) {
      for (const { done } of this.#tasks) done?.reject(fault);
      this.#tasks = [];
      return;
    }
    // What journals bring is read again from the archive; of what no journal brings the newest word is kept.
    const again = tasks.filter(({ input }) => input.kind === 'live' || input.kind === 'own');
    this.#tasks = [...again, ...this.#tasks];
    await this.#parts.clock.sleep(RETRY_MS);
  }

  /** Reads all that is known by heart anew, and catches up with the journals. */
  async #refresh(): Promise<void> {
    const { store, clock } = this.#parts;
    const told = this.#isLoaded ? this.#shelf.next : undefined;
    this.#shelf = await store.load();
    this.#isLoaded = true;
    const isFirst = this.#shelf.next === 1 && this.#shelf.cursors.size === 0;
    this.#isStale = false;
    // Stored, though it was reported as failed: nobody has been told.
    if (told !== undefined) this.#tell(await store.logFrom(told, MOST_LOG));
    for (;;) {
      const unread = await store.unread(MOST_UNREAD);
      if (unread.length === 0) return;
      // An archive that is older than the desk: what it holds was never news here.
      const now = clock.now();
      const heard = (each: (typeof unread)[number]) => ({
        ...each,
        events: each.events.map((record) => ({ ...record, heardAt: now })),
      });
      await this.#store(isFirst ? unread.map(heard) : unread);
    }
  }

  /** One transaction; who listens is told after it. */
  async #store(inputs: readonly Input[]): Promise<readonly (string | undefined)[]> {
    const stage = new Stage(this.#shelf);
    const refusals = inputs.map((input) => applyInput(stage, input, this.#around));
    if (stage.isEmpty && stage.moved.size === 0) return refusals;
    await this.#parts.store.write(stage);
    this.#shelf.merge(stage);
    this.#tell(stage.log);
    return refusals;
  }

  #tell(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.what === 'raised') this.counts.raised++;
      for (const listener of this.#listeners) listener(entry);
    }
  }
}

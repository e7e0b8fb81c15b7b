import { randomInt } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { FaultCode } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { CatalogueParts, type DocumentPart } from '../protocol/document.ts';
import { encodeMessage, type Hello, helloSchema, parseMessage, type Refuse } from '../protocol/messages.ts';
import type { Epoch, GatewayId, Seq } from '../protocol/numbers.ts';
import type { DownKind } from '../protocol/topics.ts';
import type { Archive, ArchiveBatch, CursorState } from './archive.ts';
import { Committer } from './committer.ts';
import { Contest } from './contest.ts';
import { findPartings, mayBeSameHardware, processOf } from './history.ts';
import type { HubEvents } from './hub-events.ts';
import { HubSession, noSession } from './hub-session.ts';
import type { PoisonList } from './track.ts';
import { answerHello, toldBy } from './welcome.ts';

export interface SessionsOptions {
  readonly archive: Archive;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: HubEvents;
  readonly send: (gateway: GatewayId, kind: DownKind, payload: Buffer) => void;
  /** Version of the configuration that is wanted of it; 0 if none is. */
  readonly wanted: (gateway: GatewayId) => Promise<number>;
  /** Certificates that began before this are to be followed at once. */
  readonly renewBefore: () => number;
}

/** A copy that is refused tries again every minute or two: one that was not heard for so long is gone. */
const CONTESTED_MS = 3_600_000;
const REFUSE_EVERY_MS = 1000;

interface Entry {
  session?: HubSession;
  lastRefusal: number;
  busy: boolean;
  /** Counts connections: what was begun on one ends with it. */
  connection: number;
  waiting?: Hello | undefined;
  /** Of a catalogue that was asked for. */
  parts?: CatalogueParts;
  readonly poison: PoisonList;
  readonly contest: Contest;
  /** When a second gateway with this name was last refused. */
  contestedAt?: number;
}

/** All gateways' conversations: hello, frames, acknowledgements. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #entries = new Map<GatewayId, Entry>();
  readonly #committer: Committer;

  constructor(options: SessionsOptions) {
    this.#options = options;
    const { archive, clock, log } = options;
    this.#committer = new Committer({
      ...{ archive, clock, log },
      onStored: (session, batch) => this.#stored(session, batch),
      onFailed: (session, code) => this.#failed(session, code),
    });
  }

  find(gateway: GatewayId): HubSession | undefined {
    return this.#entries.get(gateway)?.session;
  }

  /** Do two gateways have this name? */
  isCloned(gateway: GatewayId): boolean {
    const at = this.#entries.get(gateway)?.contestedAt;
    return at !== undefined && this.#options.clock.ticks() - at < CONTESTED_MS;
  }

  cloned(): readonly GatewayId[] {
    return [...this.#entries.keys()].filter((gateway) => this.isCloned(gateway));
  }

  /** Tells a gateway that may still believe in an old session to begin anew. */
  announce(gateway: GatewayId): void {
    this.#send(gateway, 'refuse', noSession({ session: 0, round: 0 }));
  }

  connected(gateway: GatewayId): void {
    this.#connectionChanged(gateway);
  }

  /** `replaced`: another connection of the same name has put it out. */
  disconnected(gateway: GatewayId, replaced: boolean): void {
    const entry = this.#entry(gateway);
    if (!replaced && entry.session) entry.contest.left();
    this.#connectionChanged(gateway);
  }

  /** Either ends what was before. */
  #connectionChanged(gateway: GatewayId): void {
    const entry = this.#entry(gateway);
    entry.connection++;
    entry.waiting = undefined;
    this.#end(gateway);
  }

  /** Any sign of life in a session. */
  heard(gateway: GatewayId): void {
    const entry = this.#entries.get(gateway);
    if (entry?.session) entry.contest.heard(this.#options.clock.ticks());
  }

  onHello(gateway: GatewayId, payload: Buffer): void {
    const hello = parseMessage(helloSchema, payload);
    if (hello === undefined) {
      this.#refuse(gateway, { session: 0, round: 0, code: 'message-malformed', detail: 'hello' });
      return;
    }
    const entry = this.#entry(gateway);
    if (entry.session?.hello.nonce === hello.nonce) {
      this.#send(gateway, 'welcome', entry.session.welcome);
      return;
    }
    entry.waiting = hello;
    if (!entry.busy) void this.#greet(gateway, entry);
  }

  /** A promise while the gateway is to be held back. */
  onFrame(gateway: GatewayId, payload: Buffer): Promise<void> | undefined {
    const entry = this.#entry(gateway);
    const { session } = entry;
    if (session === undefined) {
      this.#refuse(gateway, noSession({ session: 0, round: 0 }));
      return undefined;
    }
    const { staged, refuse, again } = session.receive(payload);
    if (refuse?.code === 'no-session') this.#refuse(gateway, refuse);
    else if (refuse) this.#send(gateway, 'refuse', refuse);
    if (refuse?.code === 'catalogue-missing') {
      entry.parts = new CatalogueParts();
      this.#send(gateway, 'fetch', { what: 'catalogue' });
    }
    if (again && !staged) this.#acknowledge(session, again);
    return staged && this.#committer.push(session, staged);
  }

  /** Of one that was asked for. */
  onCatalogue(gateway: GatewayId, part: DocumentPart): void {
    const catalogue = this.#entry(gateway).parts?.add(part);
    if (catalogue === 'incomplete') return;
    if (catalogue) this.find(gateway)?.adopt(catalogue);
    else this.#options.log.warn({ gateway }, 'a document is not what it says');
  }

  /** Resolves when what was taken is stored or given up. */
  async idle(): Promise<void> {
    await this.#committer.idle();
  }

  async #greet(gateway: GatewayId, entry: Entry): Promise<void> {
    entry.busy = true;
    try {
      while (entry.waiting) {
        const hello = entry.waiting;
        entry.waiting = undefined;
        await this.#welcome(gateway, entry, hello);
      }
    } catch (error) {
      // No answer: the gateway says hello again.
      this.#options.log.warn({ gateway, error: String(error) }, 'a hello could not be answered');
    } finally {
      entry.busy = false;
    }
  }

  async #welcome(gateway: GatewayId, entry: Entry, hello: Hello): Promise<void> {
    const { archive, clock, events, log } = this.#options;
    this.#end(gateway);
    const { connection } = entry;
    // What of the old session is being stored must be in the cursors.
    await this.#committer.settled();
    const cursors = await archive.cursors(gateway);
    if (entry.connection !== connection) return;
    const partings = findPartings(hello, cursors);
    for (const [epoch, at] of partings) {
      log.warn({ gateway, epoch, at, boot: hello.boot }, 'its history is another than the one stored');
    }
    if (this.#isHeld(entry, hello, cursors, partings)) {
      this.#contested(gateway, entry, hello);
      return;
    }
    await archive.tell(toldBy(hello, gateway, { cursors, partings, now: clock.now() }));
    const { welcome, tracks, ends } = answerHello(hello, {
      ...(await archive.identity()),
      session: randomInt(1, 0xffff_ffff),
      now: clock.now(),
      sessions: this.#count() + 1,
      cursors: await archive.cursors(gateway),
      partings,
      poison: entry.poison,
      wanted: { config: await this.#options.wanted(gateway) },
      renewBefore: this.#options.renewBefore(),
    });
    const arrivedAt = clock.now();
    const batches = ends.map(({ gaps, cursor }) => ({
      gateway,
      epoch: cursor.epoch,
      frames: [],
      gaps,
      cursor,
      arrivedAt,
    }));
    if (batches.length > 0) await archive.append(batches);
    if (entry.connection !== connection) return;
    entry.session = new HubSession({ gateway, id: welcome.session, hello, welcome, tracks });
    entry.contest.held(processOf(hello), clock.ticks());
    this.#send(gateway, 'welcome', welcome);
    events.onSession(gateway, 'online', hello);
    log.info({ gateway, software: hello.software, backlog: entry.session.backlog }, 'session');
  }

  /** Does the name belong to another gateway, as far as one can tell? */
  #isHeld(entry: Entry, hello: Hello, cursors: readonly CursorState[], partings: ReadonlyMap<Epoch, Seq>): boolean {
    const ticks = this.#options.clock.ticks();
    const process = processOf(hello);
    // Asked for each hello: it counts them.
    const isRival = entry.contest.isRival(process, ticks);
    if (isRival) return true;
    if (partings.size === 0) return false;
    return entry.contest.isHeldByOther(process, ticks) || !mayBeSameHardware(hello, cursors, partings.keys());
  }

  #contested(gateway: GatewayId, entry: Entry, hello: Hello): void {
    const { clock, events, log } = this.#options;
    const { hardware, boot, nonce } = hello;
    const isNews = !this.isCloned(gateway);
    entry.contestedAt = clock.ticks();
    if (isNews) {
      log.error(
        { gateway, hardware, boot },
        'two gateways have this name: one of them is refused until the copy is gone',
      );
    }
    events.onCloned(gateway);
    this.#send(gateway, 'refuse', { session: 0, round: 0, code: 'identity-held', nonce });
  }

  #stored(session: HubSession, batch: ArchiveBatch): void {
    session.stored(batch.epoch, batch.cursor.next);
    this.#acknowledge(session, batch.epoch);
    if (batch.frames.length > 0) this.#options.events.onFrames(session.gateway, batch.frames);
  }

  #acknowledge(session: HubSession, epoch: Epoch): void {
    if (this.find(session.gateway) !== session) return;
    this.#send(session.gateway, 'ack', { session: session.id, epoch, next: session.storedBelow(epoch) });
  }

  #failed(session: HubSession, code: FaultCode): void {
    this.#options.log.error({ gateway: session.gateway, code }, 'not stored; the session ends');
    if (this.find(session.gateway) !== session) return;
    this.#send(session.gateway, 'refuse', session.refuse(code, undefined));
    this.#end(session.gateway);
  }

  #end(gateway: GatewayId): void {
    const entry = this.#entries.get(gateway);
    if (entry?.session === undefined) return;
    entry.session.ended = true;
    delete entry.session;
    delete entry.parts;
    this.#options.events.onSession(gateway, 'offline');
  }

  #entry(gateway: GatewayId): Entry {
    const known = this.#entries.get(gateway);
    if (known) return known;
    const entry: Entry = {
      lastRefusal: Number.NEGATIVE_INFINITY,
      busy: false,
      connection: 0,
      poison: new Set(),
      contest: new Contest(),
    };
    this.#entries.set(gateway, entry);
    return entry;
  }

  #count(): number {
    return [...this.#entries.values()].filter(({ session }) => session).length;
  }

  #refuse(gateway: GatewayId, refuse: Refuse): void {
    const entry = this.#entry(gateway);
    const now = this.#options.clock.ticks();
    if (now - entry.lastRefusal < REFUSE_EVERY_MS) return;
    entry.lastRefusal = now;
    this.#send(gateway, 'refuse', refuse);
  }

  #send(gateway: GatewayId, kind: DownKind, message: object): void {
    this.#options.send(gateway, kind, encodeMessage(message));
  }
}

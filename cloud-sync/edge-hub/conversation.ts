import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import {
  ackSchema,
  encodeMessage,
  type Hello,
  parseMessage,
  type Refuse,
  refuseSchema,
  type Welcome,
  welcomeSchema,
} from '../protocol/messages.ts';
import type { DownKind } from '../protocol/topics.ts';
import type { DownlinkTalk } from './downlink-talk.ts';
import { EdgeSession, type Step } from './edge-session.ts';
import type { Link } from './link.ts';
import type { HubIdentity, Outbox } from './outbox.ts';
import type { Pace } from './pace.ts';
import { Untold, Uplink } from './uplink.ts';

export interface ConversationOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: Pace;
  readonly windowBytes: number;
  /** A hello but for its nonce. */
  readonly hello: () => Omit<Hello, 'nonce'>;
  /** The hub's clock minus ours, to within `errorMs`. */
  readonly onWelcome: (welcome: Welcome, clockOffsetMs: number, errorMs: number) => void;
  /** What goes down besides the session itself. */
  readonly downlink: DownlinkTalk;
  /** Once. */
  readonly onEnd: (fault: Fault) => void;
}

const HELLO_AGAIN_MS = 2000;
const HELLO_CEILING_MS = 60_000;
/** After a refusal for want of the catalogue the frames wait for it. */
const CATALOGUE_WAIT_MS = 250;

/** In one conversation: every journal that a hello names may have parted, once. */
const MOST_PARTINGS = 20;

type Parting = Extract<Step, { step: 'part' }>;

/** What is said over one connection, from hello on. It ends with a reason and is never taken up again. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #link: Link;
  #hello: { readonly message: Hello; readonly ticks: number } | undefined;
  #nonce: string | undefined;
  #partings = 0;
  /** The hub, until it is noted. */
  #hub: HubIdentity | undefined;
  #session: EdgeSession | undefined;
  #uplink: Uplink | undefined;
  #cancelTimer: () => void = () => {};
  #confirming: Promise<void> = Promise.resolve();
  #unsent = 0;
  #ended = false;

  constructor(link: Link, options: ConversationOptions) {
    this.#link = link;
    this.#options = options;
  }

  get session(): EdgeSession | undefined {
    return this.#session;
  }

  begin(): void {
    this.#sayHello();
  }

  /** The connection is over, or is to be. */
  end(fault: Fault): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#leaveSession();
    this.#options.onEnd(fault);
  }

  receive(kind: DownKind, payload: Buffer): void {
    if (this.#ended) return;
    if (kind === 'welcome') {
      const welcome = parseMessage(welcomeSchema, payload);
      if (welcome) this.#onWelcome(welcome);
    } else if (kind === 'ack') {
      const ack = parseMessage(ackSchema, payload);
      if (ack && this.#session) {
        this.#follow(this.#session.acknowledged(ack, this.#options.clock.ticks()));
        this.#options.downlink.heard();
      }
    } else if (kind === 'refuse') {
      const refuse = parseMessage(refuseSchema, payload);
      if (refuse) this.#onRefuse(refuse);
    } else if (this.#session) this.#options.downlink.receive(kind, payload, this.#link);
  }

  /** Now and then: has the hub fallen silent? */
  watch(): void {
    const { unsentBytes } = this.#link;
    const flowing = unsentBytes < this.#unsent;
    this.#unsent = unsentBytes;
    if (this.#session?.isSilent(this.#options.clock.ticks(), flowing)) {
      this.end(new Fault('hub-unreachable', 'frames are not acknowledged'));
    }
  }

  #sayHello(): void {
    this.#leaveSession();
    const message = { nonce: randomBytes(12).toString('hex'), ...this.#options.hello() };
    this.#nonce = message.nonce;
    this.#hello = { message, ticks: this.#options.clock.ticks() };
    this.#sendHello(HELLO_AGAIN_MS);
  }

  /** Told again until it is answered: the hub may be starting, or its archive may be busy. */
  #sendHello(againMs: number): void {
    if (this.#hello === undefined || this.#ended) return;
    this.#link.publish('hello', encodeMessage(this.#hello.message));
    this.#schedule(againMs, () => this.#sendHello(Math.min(againMs * 2, HELLO_CEILING_MS)));
  }

  #onWelcome(welcome: Welcome): void {
    const { clock, windowBytes, onWelcome } = this.#options;
    const hello = this.#hello;
    if (hello === undefined || welcome.nonce !== hello.message.nonce || this.#session) return;
    this.#cancelTimer();
    const roundTripMs = clock.ticks() - hello.ticks;
    const session = new EdgeSession({ hello: hello.message, welcome, roundTripMs, windowBytes });
    this.#session = session;
    this.#hub = { id: welcome.hub, generation: welcome.generation };
    onWelcome(welcome, welcome.clock.now - (clock.now() - roundTripMs / 2), roundTripMs / 2);
    this.#options.downlink.heard();
    void this.#agree(session).catch((error: unknown) => this.#broken(error));
  }

  /** Nothing is sent or confirmed of an epoch before our own chain at the hub's cursor agrees. */
  async #agree(session: EdgeSession): Promise<void> {
    const partings: Parting[] = [];
    for (const { epoch, cursor } of session.unchecked()) {
      const own = await this.#options.outbox.chainAt(epoch, cursor);
      if (this.#session !== session) return;
      const step = session.checked(epoch, own, this.#options.outbox.gaps());
      if (step.step === 'part') partings.push(step);
      else this.#follow(step);
    }
    if (partings.length > 0) {
      await this.#part(partings);
      if (this.#session === session) this.#sayHello();
      return;
    }
    for (const epoch of session.parted()) {
      this.#options.log.error({ epoch }, 'the hub has another history of this journal: nothing of it is sent');
    }
    this.#rememberHub(session);
    this.#startUplink(session);
  }

  /**
   * Two lives of this journal have used the same numbers: what only we have goes on in a new one.
   * @throws Fault chain-mismatch when that does not help
   */
  async #part(partings: readonly Parting[]): Promise<void> {
    const { outbox, log } = this.#options;
    this.#partings += partings.length;
    if (this.#partings > MOST_PARTINGS) throw new Fault('chain-mismatch', 'histories part again and again');
    await this.#confirming;
    for (const { epoch, at, cursor } of partings) {
      log.warn({ epoch, at, cursor }, 'this journal has two histories: what follows goes on in a new one');
      await outbox.part(epoch, at);
      // What both lives have in common is there.
      const isLeft = outbox.epochs().some((state) => state.epoch === epoch);
      if (isLeft && cursor >= at) await outbox.confirm(epoch, at);
    }
  }

  #startUplink(session: EdgeSession): void {
    if (this.#session !== session || this.#ended) return;
    const { outbox, clock, pace } = this.#options;
    const publish = (envelope: Buffer) => this.#link.publish('frame', envelope);
    const uplink = new Uplink({ session, outbox, clock, pace, publish });
    this.#uplink = uplink;
    uplink.run().catch((error: unknown) => {
      if (this.#uplink !== uplink) return;
      if (error instanceof Untold) this.#sayHello();
      else this.#broken(error);
    });
  }

  /** Not before the hub has recorded what it lacks for good: that we know its other generation tells why. */
  #rememberHub(session: EdgeSession): void {
    const { outbox, log } = this.#options;
    const hub = this.#hub;
    if (hub === undefined || session.lacksFloor) return;
    this.#hub = undefined;
    const known = outbox.hub();
    if (known?.id === hub.id && known.generation === hub.generation) return;
    outbox.setHub(hub).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'which hub this is could not be noted');
    });
  }

  #onRefuse(refuse: Refuse): void {
    const { log } = this.#options;
    // Meant for another gateway with our name.
    if (refuse.nonce !== undefined && refuse.nonce !== this.#nonce) return;
    if (this.#session === undefined) {
      // To a hello: the same person may be in a session already, or the hub cannot read it.
      if (refuse.code !== 'no-session') this.end(new Fault(refuse.code, refuse.detail));
      return;
    }
    const step = this.#session.refused(refuse);
    if (step.step !== 'none') log.info({ code: refuse.code, detail: refuse.detail, next: refuse.next }, 'refused');
    this.#follow(step);
  }

  #follow(step: Step): void {
    if (step.step === 'confirm') {
      this.#confirm(step.epoch, step.next);
      if (this.#session) this.#rememberHub(this.#session);
      this.#uplink?.wake();
    } else if (step.step === 'rewind') {
      if (step.code === 'catalogue-missing') this.#restartUplink(CATALOGUE_WAIT_MS);
      else this.#uplink?.wake();
    } else if (step.step === 'hello') {
      this.#leaveSession();
      if (step.afterMs === 0) this.#sayHello();
      else this.#schedule(step.afterMs, () => this.#sayHello());
    } else if (step.step === 'reconnect') this.end(new Fault(step.code, step.detail));
  }

  #restartUplink(afterMs: number): void {
    const session = this.#session;
    this.#uplink?.end();
    if (session) this.#schedule(afterMs, () => this.#startUplink(session));
  }

  #confirm(epoch: string, next: number): void {
    this.#confirming = this.#confirming.then(() => this.#options.outbox.confirm(epoch, next));
    this.#confirming.catch((error: unknown) => this.#broken(error));
  }

  #leaveSession(): void {
    this.#cancelTimer();
    this.#uplink?.end();
    this.#uplink = undefined;
    this.#session = undefined;
    this.#hello = undefined;
  }

  #broken(error: unknown): void {
    if (!(error instanceof Fault)) this.#options.log.error({ err: error }, 'the uplink broke');
    this.end(error instanceof Fault ? error : new Fault('hub-unreachable', String(error), { cause: error }));
  }

  #schedule(ms: number, then: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ms, then);
  }
}

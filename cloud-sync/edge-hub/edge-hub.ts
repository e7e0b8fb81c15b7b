import { randomBytes } from 'node:crypto';
import { Fault, type FaultCode, isFault } from '../../core/faults.ts';
import { Condition } from '../../core/log.ts';
import { delays } from '../../core/retry.ts';
import type { Result } from '../protocol/downlink.ts';
import { FRAME_FORMAT } from '../protocol/frame.ts';
import { encodeMessage, type Hello, type Welcome } from '../protocol/messages.ts';
import type { Epoch, Seq } from '../protocol/numbers.ts';
import { briefGaps } from './brief-gaps.ts';
import { Conversation } from './conversation.ts';
import { DownlinkTalk } from './downlink-talk.ts';
import type { EdgeHubOptions, EdgeHubService, EdgeHubState } from './edge-hub-options.ts';
import { type Link, openLink } from './link.ts';
import { LiveLane } from './live-lane.ts';
import { Pace } from './pace.ts';
import { Progress } from './progress.ts';
import { Renewal } from './renewal.ts';
import { StatusPace } from './status-pace.ts';

const FIRST_WAIT_MS = 1000;
/** Another gateway holds this identity: each of our attempts cuts it off, so they are to be rare. */
const HELD_WAIT_MS = 60_000;
/** A connection that lasted so long was healthy: waits begin small again. */
const HEALTHY_MS = 60_000;
const TICK_MS = 1000;
const MOST_EPOCHS = 100;
const MOST_BOOTS = 200;

/** The gateway's end of the sync: keeps a session with the hub and brings it what the journal has. */
export function createEdgeHub(options: EdgeHubOptions): EdgeHubService {
  return new EdgeHub(options);
}

class EdgeHub implements EdgeHubService {
  readonly name = 'edge-hub';
  readonly #options: EdgeHubOptions;
  readonly #pace: Pace;
  readonly #instance = randomBytes(12).toString('hex');
  readonly #away: Condition;
  readonly #progress = new Progress();
  readonly #stuck: Condition;
  #stuckSince: number | undefined;
  readonly #unacked: { set(value: number): void };
  readonly #renewal: Renewal;
  #renews: Welcome['renews'];
  #conversation: Conversation | undefined;
  #link: Link | undefined;
  #lane = new LiveLane();
  #statusPace = new StatusPace();
  /** Ends of the epochs a tick ago. */
  #ends = new Map<Epoch, Seq>();
  #state: Omit<EdgeHubState, 'unackedBytes'>;

  constructor(options: EdgeHubOptions) {
    this.#options = options;
    const { gateway, identity, renewal, log } = options;
    this.#renewal = new Renewal({ gateway, identity, ...renewal, log });
    this.#pace = new Pace(options.settings.maxBytesPerSecond);
    this.#away = new Condition(options.log, 'the hub is out of reach');
    this.#state = { link: 'offline', since: options.clock.now() };
    this.#stuck = new Condition(options.log, 'frames do not get on although the hub is there');
    const isStuck = () => (this.#stuck.active ? 1 : 0);
    options.metrics.follow(
      'gauge',
      'sluice_edge_stuck',
      '1 while frames do not get on although the hub is there',
      isStuck,
    );
    const help = 'Bytes sent that the hub has not confirmed';
    this.#unacked = options.metrics.gauge('sluice_edge_unacknowledged_bytes', help);
  }

  state(): EdgeHubState {
    const stuck = this.#stuckSince === undefined ? {} : { stuckSince: this.#stuckSince };
    return { ...this.#state, ...stuck, unackedBytes: this.#conversation?.session?.window.underWay ?? 0 };
  }

  tell(result: Result): void {
    if (this.#state.link === 'welcomed') this.#link?.publish('result', encodeMessage(result));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    const fresh = () => delays({ firstMs: FIRST_WAIT_MS, ceilingMs: settings.retryWithin });
    let waits = fresh();
    while (!signal.aborted) {
      const began = clock.ticks();
      const fault = await this.#connectOnce(signal);
      if (signal.aborted) break;
      this.#renewal.failed(fault, clock.now());
      // Another gateway with our name is its own trouble.
      if (fault.code === 'identity-held') this.#progress.away();
      this.#away.begin(clock.ticks(), { code: fault.code, detail: fault.message });
      this.#change({ link: 'offline', fault: fault.code });
      if (clock.ticks() - began > HEALTHY_MS) waits = fresh();
      const wait = waits.next().value + (fault.code === 'identity-held' ? HELD_WAIT_MS : 0);
      await clock.sleep(wait, signal).catch(() => {});
    }
    this.#change({ link: 'offline' });
  }

  /** One connection, from its making to its end. Resolves with why it ended. */
  async #connectOnce(signal: AbortSignal): Promise<Fault> {
    const { url, gateway, clock, connect = openLink } = this.#options;
    const { identity } = this.#renewal;
    this.#change({ ...this.#lastFault(), link: 'connecting' });
    let over: (fault: Fault) => void = () => {};
    const ended = new Promise<Fault>((resolve) => {
      over = resolve;
    });
    let conversation: Conversation | undefined;
    let link: Link;
    try {
      link = await connect({
        ...{ url, gateway, identity, clock, signal },
        onMessage: (kind, payload) =>
          kind === 'certificate' ? this.#takeCertificate(payload) : conversation?.receive(kind, payload),
        onClosed: (fault) => conversation?.end(fault),
      });
    } catch (error) {
      this.#progress.away();
      // Whatever is wrong with a connection, as a key that is none: the gateway reads and journals on.
      return isFault(error) ? error : new Fault('hub-unreachable', String(error), { cause: error });
    }
    this.#link = link;
    conversation = this.#converse(link, over);
    const stopTicking = this.#tick(conversation, link);
    conversation.begin();
    const fault = await ended;
    stopTicking();
    this.#conversation = undefined;
    this.#link = undefined;
    link.end();
    return fault;
  }

  #converse(link: Link, onEnd: (fault: Fault) => void): Conversation {
    const { outbox, clock, log, settings } = this.#options;
    const hubNow = () => clock.now() + (this.#state.clockOffsetMs ?? 0);
    const talk = new DownlinkTalk({ outbox, downlink: this.#options.downlink, hubNow, log });
    const conversation = new Conversation(link, {
      ...{ outbox, clock, log, onEnd, downlink: talk },
      pace: this.#pace,
      windowBytes: settings.window,
      hello: () => this.#hello(),
      onWelcome: (welcome, offset, errorMs) => {
        this.#options.onHubTime?.({ now: clock.now() + offset, ticks: clock.ticks(), errorMs });
        this.#welcomed(link, welcome, offset);
      },
    });
    this.#conversation = conversation;
    return conversation;
  }

  #hello(): Omit<Hello, 'nonce'> {
    const { outbox, facts, clock, downlink } = this.#options;
    const hub = outbox.hub();
    return {
      instance: this.#instance,
      ...(hub ? { hub } : {}),
      protocol: 1,
      frameFormats: [FRAME_FORMAT],
      ...facts,
      // Within the bounds of the schema: the newest journals and boots, and the oldest losses, which come first.
      epochs: outbox
        .epochs()
        .slice(-MOST_EPOCHS)
        .map((state) => ({ ...state, boots: state.boots.slice(-MOST_BOOTS) })),
      gaps: briefGaps(outbox.gaps()),
      clock: { now: clock.now(), synchronised: clock.synchronised() },
      catalogue: outbox.catalogue().version,
      ...(downlink ? { config: downlink.stand(), twins: downlink.twins() } : {}),
    };
  }

  #welcomed(link: Link, welcome: Welcome, clockOffsetMs: number): void {
    this.#away.end(this.#options.clock.ticks());
    this.#change({ link: 'welcomed', session: welcome.session, clockOffsetMs: Math.round(clockOffsetMs) });
    this.#renews = welcome.renews;
    this.#lane = new LiveLane();
    this.#statusPace = new StatusPace();
    this.#sendLive(link);
    this.#sendStatus(link);
    this.#options.downlink?.welcomed();
  }

  /** Every second: watches the session, and while a backlog drains brings newest values past it. */
  #tick(conversation: Conversation, link: Link): () => void {
    const { clock } = this.#options;
    let cancel: () => void = () => {};
    const tick = () => {
      cancel = clock.after(TICK_MS, tick);
      conversation.watch();
      this.#unacked.set(this.state().unackedBytes);
      const behind = this.#isBehind();
      this.#watchProgress(behind);
      if (this.#state.link !== 'welcomed') return;
      const hubNow = clock.now() + (this.#state.clockOffsetMs ?? 0);
      const renews = this.#renews;
      if (renews) {
        const moment = { hubNow, before: renews.before, ticks: clock.ticks() };
        this.#renewal.watch(moment, (payload) => link.publish('renew', payload));
      }
      if (behind || this.#options.stuck?.()) this.#sendLive(link);
      const mark = `${this.#stuck.active} ${this.#options.mark?.()}`;
      if (this.#statusPace.due({ behind, backlog: this.#backlog(), mark })) this.#sendStatus(link);
    };
    cancel = clock.after(TICK_MS, tick);
    return () => cancel();
  }

  /** A new one is proved at once, while the old one is still good. */
  #takeCertificate(payload: Buffer): void {
    this.#renewal.answered(payload).then(
      (isNew) => isNew && this.#conversation?.end(new Fault('hub-unreachable', 'connecting with the new certificate')),
      (error: unknown) => this.#options.log.error({ error: String(error) }, 'the new certificate is not taken'),
    );
  }

  #watchProgress(behind: boolean): void {
    const { clock, outbox } = this.#options;
    const ticks = clock.ticks();
    const confirmed = outbox.epochs().map((state) => `${state.epoch} ${state.confirmed}`);
    if (this.#progress.isStuck({ confirmed: confirmed.join(), behind }, ticks)) {
      this.#stuckSince ??= clock.now();
      this.#stuck.begin(ticks, { code: 'sync-stuck' });
    } else {
      this.#stuckSince = undefined;
      this.#stuck.end(ticks);
    }
  }

  /** Is anything unconfirmed that was journalled before the last tick? */
  #isBehind(): boolean {
    const epochs = this.#options.outbox.epochs();
    const behind = epochs.some(({ epoch, confirmed }) => confirmed < (this.#ends.get(epoch) ?? 0));
    this.#ends = new Map(epochs.map(({ epoch, next }) => [epoch, next]));
    return behind;
  }

  /** Records that the hub has not confirmed. */
  #backlog(): number {
    const epochs = this.#options.outbox.epochs();
    return epochs.reduce((sum, { next, confirmed, floor }) => sum + next - Math.max(confirmed, floor), 0);
  }

  #sendLive(link: Link): void {
    const { outbox, newest, alarms } = this.#options;
    for (const message of this.#lane.messages(outbox.catalogue().version, newest(), alarms?.())) {
      link.publish('live', encodeMessage(message), { qos: 0 });
    }
  }

  #sendStatus(link: Link): void {
    const { status, log } = this.#options;
    void Promise.resolve(status()).then(
      (message) => link.publish('status', encodeMessage(message), { retain: true }),
      (error: unknown) => log.warn({ error: String(error) }, 'no status'),
    );
  }

  #lastFault(): { fault?: FaultCode } {
    return this.#state.fault === undefined ? {} : { fault: this.#state.fault };
  }

  #change(to: Omit<EdgeHubState, 'since' | 'unackedBytes'>): void {
    this.#state = { ...to, since: this.#options.clock.now() };
  }
}

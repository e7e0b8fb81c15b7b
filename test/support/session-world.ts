import { expect } from 'vitest';
import { HubSession } from '../../cloud-sync/cloud-hub/hub-session.ts';
import { answerHello } from '../../cloud-sync/cloud-hub/welcome.ts';
import { EdgeSession, type Step } from '../../cloud-sync/edge-hub/edge-session.ts';
import { encodeEnvelope } from '../../cloud-sync/protocol/envelope.ts';
import type { Ack, Hello, Refuse } from '../../cloud-sync/protocol/messages.ts';
import { MemoryArchive } from './memory-archive.ts';
import { MemoryOutbox } from './memory-outbox.ts';
import { seeded } from './mutate.ts';

/** Milliseconds of the simulated world in one step. */
const STEP_MS = 100;

/**
 * A gateway and a hub, and between them a link that loses, doubles and reorders, whole connections that break, a hub that
 * restarts between receiving and storing and between storing and acknowledging, and retention. All of it from one seed.
 */
export class SessionWorld {
  readonly outbox = new MemoryOutbox(4).writeCatalogue();
  readonly archive = new MemoryArchive();
  readonly #random: () => number;
  #edge: EdgeSession | undefined;
  #hub: HubSession | undefined;
  #hello: Hello | undefined;
  #up: Buffer[] = [];
  #down: (Ack | Refuse)[] = [];
  #unstored: { session: HubSession; staged: NonNullable<ReturnType<HubSession['receive']>['staged']> }[] = [];
  #ticks = 0;
  #sessions = 0;
  #backup: (() => void) | undefined;
  reconnects = 0;
  restores = 0;
  faulty = true;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  get done(): boolean {
    return this.outbox.confirmed.get(this.outbox.epoch) === this.outbox.next;
  }

  async step(): Promise<void> {
    this.#ticks += STEP_MS;
    if (this.faulty && this.#chance(0.3)) this.outbox.writeReadings(1 + Math.floor(this.#random() * 4));
    if (this.faulty && this.#chance(0.02)) this.#reconnect();
    if (this.faulty && this.#chance(0.01)) this.#trim();
    if (this.faulty && this.#chance(0.01)) this.#restore();
    if (this.#edge === undefined) await this.#greet();
    await this.#send();
    await this.#carry();
    await this.#store();
    if (this.#edge?.isSilent(this.#ticks, false)) this.#reconnect();
  }

  #chance(odds: number): boolean {
    return this.#random() < odds;
  }

  #reconnect(): void {
    this.reconnects++;
    this.#edge = undefined;
    if (this.#hub) this.#hub.ended = true;
    this.#hub = undefined;
    this.#up = [];
    this.#down = [];
  }

  #trim(): void {
    const { next } = this.outbox;
    this.outbox.trim(Math.floor(this.#random() * next));
  }

  /** The hub's archive goes back to a backup, and the next one is taken. */
  #restore(): void {
    this.#backup?.();
    this.restores += this.#backup ? 1 : 0;
    this.#unstored = [];
    this.#reconnect();
    this.#backup = this.archive.backup();
  }

  async #greet(): Promise<void> {
    const { outbox, archive } = this;
    this.#sessions++;
    const base = {
      nonce: `nonce-${this.#sessions}`,
      protocol: 1 as const,
      frameFormats: [1],
      software: 't',
      boot: 1,
      gaps: [],
    };
    this.#hello = { ...base, epochs: [...outbox.epochs()], clock: { now: 0, synchronised: true }, catalogue: 1 };
    const { welcome, tracks, ends } = answerHello(this.#hello, {
      ...{ session: this.#sessions, hub: 'h', generation: 'g', now: 0, sessions: 1, poison: new Set() },
      cursors: await archive.cursors('gw'),
    });
    for (const { gaps, cursor } of ends) {
      await archive.append([{ gateway: 'gw', epoch: cursor.epoch, frames: [], gaps, cursor, arrivedAt: 0 }]);
    }
    this.#hub = new HubSession({ gateway: 'gw', id: welcome.session, hello: this.#hello, welcome, tracks });
    this.#hub.adopt(outbox.catalogue());
    this.#edge = new EdgeSession({ hello: this.#hello, welcome, roundTripMs: STEP_MS, windowBytes: 100_000 });
    for (const { epoch, cursor } of this.#edge.unchecked()) {
      await this.#follow(this.#edge.checked(epoch, await outbox.chainAt(epoch, cursor)));
    }
    expect(this.#edge.parted()).toEqual([]);
  }

  async #send(): Promise<void> {
    const edge = this.#edge;
    edge?.grown();
    const place = edge?.place();
    if (edge === undefined || place === undefined) return;
    const frames = [];
    for await (const frame of this.outbox.frames(place.epoch, place.from)) {
      if (frames.length < 1 + this.#random() * 5) frames.push(frame);
    }
    const last = frames.at(-1);
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
    if (last === undefined || !edge.window.admits(bytes)) return;
    edge.sent(place.epoch, last.first + last.count, bytes, this.#ticks);
    const floor = this.outbox.epochs()[0]?.floor ?? 0;
    const envelope = { session: edge.id, round: edge.round, floor, frames: frames.map((frame) => frame.bytes) };
    this.#pass(this.#up, encodeEnvelope(envelope));
  }

  /** Onto the link, or not, or twice, or out of order. */
  #pass<T>(queue: T[], message: T): void {
    if (this.faulty && this.#chance(0.1)) return;
    const at = this.faulty && this.#chance(0.2) ? Math.floor(this.#random() * (queue.length + 1)) : queue.length;
    queue.splice(at, 0, message);
    if (this.faulty && this.#chance(0.1)) queue.push(message);
  }

  async #carry(): Promise<void> {
    for (let left = Math.floor(this.#random() * 4); left > 0; left--) {
      const payload = this.#up.shift();
      const hub = this.#hub;
      if (payload === undefined || hub === undefined) break;
      const { staged, refuse, again } = hub.receive(payload);
      if (staged) this.#unstored.push({ session: hub, staged });
      if (refuse) this.#pass(this.#down, refuse);
      if (again) this.#pass(this.#down, { session: hub.id, epoch: again, next: hub.storedBelow(again) });
    }
    for (let left = Math.floor(this.#random() * 4); left > 0; left--) {
      const message = this.#down.shift();
      if (message === undefined || this.#edge === undefined) break;
      await this.#follow(
        'code' in message ? this.#edge.refused(message) : this.#edge.acknowledged(message, this.#ticks),
      );
    }
  }

  async #store(): Promise<void> {
    if (this.#chance(0.5)) return;
    for (const { session, staged } of this.#unstored.splice(0)) {
      if (session.ended) continue;
      const { frames, gaps, quarantined, cursor } = staged;
      await this.archive.append([
        { gateway: 'gw', epoch: cursor.epoch, frames, gaps, quarantined, cursor, arrivedAt: 0 },
      ]);
      session.stored(cursor.epoch, cursor.next);
      this.#pass(this.#down, { session: session.id, epoch: cursor.epoch, next: cursor.next });
    }
  }

  async #follow(step: Step): Promise<void> {
    if (step.step === 'confirm') {
      // Never before it is stored.
      expect(step.next).toBeLessThanOrEqual(this.archive.next('gw', step.epoch));
      await this.outbox.confirm(step.epoch, step.next);
    } else if (step.step === 'hello' || step.step === 'reconnect') this.#reconnect();
  }
}

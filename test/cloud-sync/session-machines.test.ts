import { describe, expect, test } from 'vitest';
import type { CursorState } from '../../cloud-sync/cloud-hub/archive.ts';
import { HubSession } from '../../cloud-sync/cloud-hub/hub-session.ts';
import { answerHello, anyParted } from '../../cloud-sync/cloud-hub/welcome.ts';
import { EdgeSession, type Step } from '../../cloud-sync/edge-hub/edge-session.ts';
import { encodeEnvelope } from '../../cloud-sync/protocol/envelope.ts';
import type { Ack, Hello, Refuse } from '../../cloud-sync/protocol/messages.ts';
import { MemoryArchive } from '../support/memory-archive.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { seeded } from '../support/mutate.ts';

/** Milliseconds of the simulated world in one step. */
const STEP_MS = 100;

/**
 * A gateway and a hub, and between them a link that loses, doubles and reorders, whole connections that break, a hub that
 * restarts between receiving and storing and between storing and acknowledging, and retention. All of it from one seed.
 */
class World {
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
  reconnects = 0;
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
    const { welcome, tracks } = answerHello(this.#hello, {
      ...{ session: this.#sessions, hub: 'h', generation: 'g', now: 0, sessions: 1, poison: new Set() },
      cursors: await archive.cursors('gw'),
    });
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

async function live(seed: number): Promise<World> {
  const world = new World(seed);
  for (let step = 0; step < 150; step++) await world.step();
  world.faulty = false;
  for (let step = 0; step < 2000 && !world.done; step++) await world.step();
  return world;
}

function check(world: World, seed: number): void {
  const { outbox, archive } = world;
  expect(world.done, `seed ${seed} drains`).toBe(true);
  const rows = archive.rows('gw', outbox.epoch);
  for (const { seq, value } of rows)
    if (value !== undefined && value !== seq) throw new Error(`seed ${seed}: ${value} at ${seq}`);
  const gaps = archive.gaps.get(`gw/${outbox.epoch}`) ?? [];
  const lost = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  expect(rows.length + lost, `seed ${seed}: stored and declared`).toBe(outbox.next);
}

describe('both ends of a session', () => {
  test('store every record once or declare it, whatever the link does', async () => {
    let reconnects = 0;
    for (let seed = 1; seed <= 1500; seed++) {
      const world = await live(seed);
      check(world, seed);
      reconnects += world.reconnects;
    }
    // The world was a bad one.
    expect(reconnects).toBeGreaterThan(1500);
  });
});

const EPOCH = 'a'.repeat(32);

function edgeSession(told: Partial<Hello['epochs'][number]>, cursor: number, chain: string): EdgeSession {
  const state = { epoch: EPOCH, floor: 0, next: 100, chain: '1'.repeat(16), confirmed: 0, boots: [], ...told };
  const hello = { nonce: 'n', epochs: [state], gaps: [] } as unknown as Hello;
  const welcome = {
    ...{ nonce: 'n', session: 7, hub: 'h', generation: 'g', clock: { now: 0 }, frameFormats: [1] },
    limits: { windowBytes: 1000 },
    epochs: [{ epoch: EPOCH, cursor, chain }],
  };
  return new EdgeSession({ hello, welcome, roundTripMs: 10, windowBytes: 500 });
}

describe('the edge session', () => {
  test.each([
    ['agrees when the chains are one', {}, 50, 'c', 'c', [], 50],
    ['parts when they differ', {}, 50, 'c', 'd', [EPOCH], undefined],
    ['parts when the hub has more than there is', {}, 101, 'c', undefined, [EPOCH], undefined],
    ['parts when the cursor is within a frame', {}, 50, 'c', undefined, [EPOCH], undefined],
    ['goes on below the floor, and confirms nothing there', { floor: 60 }, 50, 'c', undefined, [], undefined],
  ] as const)('%s', (_, told, cursor, theirs, own, parted, confirms) => {
    const session = edgeSession(told, cursor, theirs);
    const step = session.checked(EPOCH, own);
    expect(session.parted()).toEqual(parted);
    expect(step).toEqual(confirms === undefined ? { step: 'none' } : { step: 'confirm', epoch: EPOCH, next: confirms });
    expect(session.place()).toEqual(parted.length > 0 ? undefined : { epoch: EPOCH, from: cursor });
  });

  test('goes back at most twice to one place', () => {
    const session = edgeSession({}, 0, 'c');
    session.checked(EPOCH, 'c');
    session.sent(EPOCH, 40, 100, 0);
    const refuse = (round: number): Refuse => ({ session: 7, round, code: 'out-of-sequence', epoch: EPOCH, next: 10 });
    expect(session.refused(refuse(0))).toMatchObject({ step: 'rewind' });
    expect(session.place()).toEqual({ epoch: EPOCH, from: 10 });
    expect(session.refused(refuse(0))).toEqual({ step: 'none' });
    expect(session.refused(refuse(1))).toMatchObject({ step: 'rewind' });
    expect(session.refused(refuse(2))).toMatchObject({ step: 'reconnect' });
  });

  test('believes no acknowledgement of what it never sent, and none of another session', () => {
    const session = edgeSession({}, 0, 'c');
    session.checked(EPOCH, 'c');
    session.sent(EPOCH, 40, 100, 0);
    expect(session.acknowledged({ session: 8, epoch: EPOCH, next: 20 }, 0)).toEqual({ step: 'none' });
    expect(session.acknowledged({ session: 7, epoch: EPOCH, next: 20 }, 0)).toMatchObject({
      step: 'confirm',
      next: 20,
    });
    expect(session.acknowledged({ session: 7, epoch: EPOCH, next: 41 }, 0)).toMatchObject({ step: 'reconnect' });
  });

  test('finds the hub silent 10 s and four round trips after the last byte left', () => {
    const session = edgeSession({}, 0, 'c');
    session.checked(EPOCH, 'c');
    expect(session.isSilent(1_000_000, false)).toBe(false);
    session.sent(EPOCH, 40, 100, 1_000_000);
    expect(session.isSilent(1_009_000, true)).toBe(false);
    expect(session.isSilent(1_019_000, false)).toBe(false);
    expect(session.isSilent(1_019_100, false)).toBe(true);
  });
});

describe('histories', () => {
  const cursor: CursorState = { epoch: EPOCH, next: 50, chain: 'c', catalogue: 1, boots: [[1, 0, '0']] };
  const told = (more: Partial<Hello['epochs'][number]>): Hello =>
    ({
      epochs: [{ epoch: EPOCH, floor: 0, next: 100, chain: 'x', confirmed: 0, boots: [[1, 0, '0']], ...more }],
    }) as unknown as Hello;

  test.each<[string, Partial<Hello['epochs'][number]>, boolean]>([
    ['a journal that went on', {}, false],
    [
      'one that started again since',
      {
        boots: [
          [1, 0, '0'],
          [2, 60, 'y'],
        ],
      },
      false,
    ],
    ['one with nothing new', { next: 50, chain: 'c' }, false],
    ['one that is behind the hub', { next: 49 }, true],
    ['one as long as the hub with another end', { next: 50, chain: 'd' }, true],
    [
      'one whose new boot began before the cursor',
      {
        boots: [
          [1, 0, '0'],
          [2, 40, 'y'],
        ],
      },
      true,
    ],
    ['one whose known boot began elsewhere', { boots: [[1, 3, '9']] }, true],
  ])('%s', (_, more, parted) => {
    expect(anyParted(told(more), [cursor])).toBe(parted);
  });
});

import { describe, expect, test } from 'vitest';
import type { CursorState } from '../../cloud-sync/cloud-hub/archive.ts';
import { partingOf } from '../../cloud-sync/cloud-hub/history.ts';
import { HubSession } from '../../cloud-sync/cloud-hub/hub-session.ts';
import { answerHello } from '../../cloud-sync/cloud-hub/welcome.ts';
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
    let restores = 0;
    for (let seed = 1; seed <= 1500; seed++) {
      const world = await live(seed);
      check(world, seed);
      reconnects += world.reconnects;
      restores += world.restores;
    }
    expect(restores).toBeGreaterThan(500);
    // The world was a bad one.
    expect(reconnects).toBeGreaterThan(1500);
  });
});

const EPOCH = 'a'.repeat(32);

function edgeSession(told: Partial<Hello['epochs'][number]>, cursor: number, chain: string, parted?: number) {
  const state = { epoch: EPOCH, floor: 0, next: 100, chain: '1'.repeat(16), confirmed: 0, boots: [], ...told };
  const hello = { nonce: 'n', epochs: [state], gaps: [] } as unknown as Hello;
  const welcome = {
    ...{ nonce: 'n', session: 7, hub: 'h', generation: 'g', clock: { now: 0 }, frameFormats: [1] },
    limits: { windowBytes: 1000 },
    epochs: [{ epoch: EPOCH, cursor, chain, parted }],
  };
  return new EdgeSession({ hello, welcome, roundTripMs: 10, windowBytes: 500 });
}

describe('the edge session', () => {
  const boots: Hello['epochs'][number]['boots'] = [
    [1, 0, '0'],
    [2, 30, 'b'],
    [3, 80, 'd'],
  ];

  type Case = [
    name: string,
    told: Partial<Hello['epochs'][number]> & { parted?: number },
    cursor: number,
    theirs: string,
    own: string | undefined,
    state: 'agreed' | 'parted',
    does: number | { at: number; cursor: number } | undefined,
  ];

  test.each<Case>([
    ['agrees when the chains are one', {}, 50, 'c', 'c', 'agreed', 50],
    ['parts within the boot when they differ', { boots }, 50, 'c', 'd', 'parted', { at: 30, cursor: 50 }],
    ['parts when the hub has more than there is', { boots }, 101, 'c', undefined, 'parted', { at: 80, cursor: 101 }],
    ['sends nothing when the cursor is within a frame', {}, 50, 'c', undefined, 'parted', undefined],
    ['goes on below the floor, and confirms nothing there', { floor: 60 }, 50, 'c', undefined, 'agreed', undefined],
    ['takes back what a restored hub lacks', { floor: 60, confirmed: 90 }, 50, 'c', undefined, 'agreed', 50],
    ['parts where the hub says', { boots, parted: 40 }, 50, 'c', 'd', 'parted', { at: 40, cursor: 50 }],
    [
      'parts where the hub says, before it has all',
      { boots, parted: 60 },
      50,
      'c',
      'c',
      'parted',
      { at: 60, cursor: 50 },
    ],
    ['does not believe the hub when the chains are one', { boots, parted: 40 }, 50, 'c', 'c', 'agreed', 50],
    [
      'parts earlier than the hub says when it must',
      { boots, parted: 60 },
      50,
      'c',
      'd',
      'parted',
      { at: 30, cursor: 50 },
    ],
  ])('%s', (_, { parted, ...told }, cursor, theirs, own, state, does) => {
    const session = edgeSession(told, cursor, theirs, parted);
    const step = session.checked(EPOCH, own);
    expect(session.parted()).toEqual(state === 'parted' ? [EPOCH] : []);
    if (does === undefined) expect(step).toEqual({ step: 'none' });
    else if (typeof does === 'number') expect(step).toEqual({ step: 'confirm', epoch: EPOCH, next: does });
    else expect(step).toEqual({ step: 'part', epoch: EPOCH, ...does });
    expect(session.place()).toEqual(state === 'parted' ? undefined : { epoch: EPOCH, from: cursor });
  });

  test('sends nothing of a journal that a copy of it has written on, and goes on with its own', () => {
    const own = 'b'.repeat(32);
    const state = { floor: 0, next: 40, chain: 'c', confirmed: 0, boots };
    const epochs = [
      { ...state, epoch: EPOCH },
      { ...state, epoch: own },
    ];
    const hello = { nonce: 'n', epochs, gaps: [] } as unknown as Hello;
    const welcome = {
      ...{ nonce: 'n', session: 7, hub: 'h', generation: 'g', clock: { now: 0 }, frameFormats: [1] },
      limits: { windowBytes: 1000 },
      epochs: [
        { epoch: EPOCH, cursor: 50, chain: 'x' },
        { epoch: own, cursor: 0, chain: '0' },
      ],
    };
    const session = new EdgeSession({ hello, welcome, roundTripMs: 10, windowBytes: 500 });
    // All that was written before it was copied is stored.
    expect(session.checked(EPOCH, undefined)).toEqual({ step: 'confirm', epoch: EPOCH, next: 40 });
    expect(session.checked(own, '0')).toEqual({ step: 'confirm', epoch: own, next: 0 });
    expect(session.parted()).toEqual([]);
    expect(session.place()).toEqual({ epoch: own, from: 0 });
    expect(session.acknowledged({ session: 7, epoch: EPOCH, next: 45 }, 0)).toEqual({ step: 'none' });
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
  type Told = Hello['epochs'][number];
  const cursor: CursorState = {
    ...{ epoch: EPOCH, next: 50, chain: 'c', catalogue: 1, told: 70 },
    boots: [
      [1, 0, '0'],
      [2, 20, 'b'],
    ],
  };
  const first: Told['boots'] = [
    [1, 0, '0'],
    [2, 20, 'b'],
  ];
  const told = (more: Partial<Told>): Told => ({
    ...{ epoch: EPOCH, floor: 0, next: 100, chain: 'x', confirmed: 0, boots: first, ...more },
  });

  test.each<[string, Partial<Told>, number | undefined]>([
    ['a journal that went on', {}, undefined],
    ['one that started again since', { boots: [...first, [3, 80, 'y']] }, undefined],
    ['one that started again at the end that was told', { boots: [...first, [3, 70, 'y']] }, undefined],
    ['one with nothing new', { next: 70, chain: 'd' }, undefined],
    ['one whose new boot began below the cursor', { boots: [...first, [3, 40, 'y']] }, 40],
    ['one whose new boot began below what was told, above the cursor', { boots: [...first, [3, 60, 'y']] }, 60],
    ['one whose new boots both began below the cursor', { boots: [...first, [3, 40, 'y'], [4, 45, 'z']] }, 40],
    [
      'one whose known boot began earlier',
      {
        boots: [
          [1, 0, '0'],
          [2, 15, 'z'],
        ],
      },
      15,
    ],
    [
      'one whose known boot began later',
      {
        boots: [
          [1, 0, '0'],
          [2, 30, 'z'],
        ],
      },
      20,
    ],
    [
      'one whose known boot began there with another past',
      {
        boots: [
          [1, 0, '0'],
          [2, 20, 'z'],
        ],
      },
      0,
    ],
    ['one whose new boot began at the cursor with another past', { boots: [...first, [3, 50, 'y']] }, 20],
    ['one as long as the hub with another end', { next: 50, chain: 'd' }, 20],
    ['one that is shorter than the hub', { next: 49 }, 20],
    ['one whose first boots the hub has forgotten', { boots: [[0, 0, '7'], ...first] }, undefined],
  ])('%s', (_, more, parted) => {
    expect(partingOf(cursor, told(more), true)).toBe(parted);
  });

  test('a journal that is no longer written may be shorter: a copy that never wrote to it', () => {
    expect(partingOf(cursor, told({ next: 40 }), false)).toBeUndefined();
    expect(partingOf(cursor, told({ next: 40, boots: [...first, [3, 30, 'y']] }), false)).toBe(30);
  });
});

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hashOf } from '../../cloud-sync/protocol/document.ts';
import type { Result } from '../../cloud-sync/protocol/downlink.ts';
import { encodeEvents } from '../../cloud-sync/protocol/event-body.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { encodeFrame } from '../../cloud-sync/protocol/frame.ts';
import { NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';
import { quietLog } from '../../core/log.ts';
import type { Plant } from '../../devices/plant-types.ts';
import { ConfigKeeper } from '../../gateway/meta/config-keeper.ts';
import type { ConfigState } from '../../gateway/meta/config-state.ts';
import { MetaStore } from '../../gateway/meta/meta-store.ts';
import { type GatewaySettings, loadGatewaySettings } from '../../gateway/settings.ts';
import { FakeClock } from '../support/fake-clock.ts';

const CONFIRM_MS = 60_000;
const EPOCH = '0'.repeat(32);

const textOf = (device: string) =>
  `channels: [{ name: a, driver: modbus-tcp, port: 'tcp://h:1' }]\ndevices: [{ name: ${device}, channel: a, profile: xy-md02 }]\n`;
const documentOf = (version: number, device = `d${version}`) => {
  const text = textOf(device);
  return { version, text, hash: hashOf(text) };
};
const BROKEN_TEXT = 'channels: []\ndevices: [{ name: x, channel: nowhere }]\n';
const BROKEN = { version: 1, text: BROKEN_TEXT, hash: hashOf(BROKEN_TEXT) };

/** A gateway's folder and its journal, over many lives of its process. */
class Home {
  readonly dir = mkdtempSync(join(tmpdir(), 'sluice-keeper-'));
  readonly events: JournalEvent[] = [];
  /** The process dies at the n-th step that leaves a trace; before it, if it is odd. */
  dieAt = Number.POSITIVE_INFINITY;
  #steps = 0;

  /** Before it, after it, or not. */
  #deathAt(): 'before' | 'after' | undefined {
    const at = this.#steps++;
    return at === this.dieAt ? 'before' : at + 0.5 === this.dieAt ? 'after' : undefined;
  }

  readonly #text: string;

  /** `text`: what gateway.yaml says beside. */
  constructor(text = textOf('seed')) {
    this.#text = text;
  }

  async settings(): Promise<GatewaySettings> {
    const file = join(this.dir, 'gateway.yaml');
    writeFileSync(
      file,
      `gateway: g\nmanaged: hub\nhub: { url: 'mqtts://h:1', confirmWithin: ${CONFIRM_MS / 1000}s }\ndataDir: ${this.dir}\n# Ours.\n${this.#text}`,
    );
    return loadGatewaySettings(file);
  }

  /** One life of the process; `dead` once it was killed. */
  async start() {
    const clock = new FakeClock();
    let die: () => void = () => {};
    const death = new Promise<void>((resolve) => {
      die = resolve;
    });
    const life = { dead: false, death };
    const plants: Plant[] = [];
    const told: Result[] = [];
    const store = await MetaStore.open(this.dir);
    const save = store.save.bind(store);
    const never = new Promise<never>(() => {});
    const kill = () => {
      life.dead = true;
      die();
      return never;
    };
    const guarded =
      <A extends unknown[], R>(work: (...given: A) => R) =>
      (...given: A): R => {
        const death = life.dead ? 'before' : this.#deathAt();
        if (death === 'before') return kill() as R;
        const result = work(...given);
        return death === 'after' ? (Promise.resolve(result).then(kill) as R) : result;
      };
    const events = this.events;
    const journal = {
      epoch: EPOCH,
      get next() {
        return events.length;
      },
      epochs: () => [{ epoch: EPOCH, floor: 0, next: events.length, chain: NO_CHAIN, confirmed: 0, boots: [] }],
      wholeFrames: async function* (_: string, from = 0) {
        for (const [first, event] of events.entries()) {
          if (first < from) continue;
          const header = {
            kind: 'events',
            epoch: EPOCH,
            first,
            count: 1,
            catalogue: 0,
            boot: 1,
            chain: NO_CHAIN,
            clockUncertain: false,
          };
          yield {
            first,
            count: 1,
            bytes: encodeFrame(header as Parameters<typeof encodeFrame>[0], encodeEvents([event])),
          };
        }
      },
      event: guarded(
        (event: JournalEvent, options: { onNumber?: (place: { epoch: string; seq: number }) => void } = {}) => {
          events.push(event);
          queueMicrotask(() => life.dead || options.onNumber?.({ epoch: EPOCH, seq: events.length - 1 }));
        },
      ),
    };
    const keeper = ConfigKeeper.open({
      ...{ settings: await this.settings(), clock, log: quietLog, journal: journal as never },
      store: Object.assign(store, { save: guarded((state: ConfigState) => save(state)) }),
      apply: guarded(async (plant: Plant) => void plants.push(plant)),
      tell: (result) => void told.push(result),
    });
    return { keeper, clock, life, plants, told };
  }
}

const names = (plant: Plant | undefined) => plant?.devices.map(({ name }) => name);
const outcomes = (home: Home) =>
  home.events.flatMap((event) => (event.event === 'config' ? [`${event.version} ${event.outcome}`] : []));

/** A life that nobody kills, from its start on. */
async function live(home: Home) {
  const { keeper: opening, ...rest } = await home.start();
  const keeper = await opening;
  const plant = await keeper.plant();
  const stop = new AbortController();
  const done = keeper.run(stop.signal);
  await keeper.idle();
  return {
    ...rest,
    ...{ keeper, plant },
    stop: () => {
      stop.abort();
      return done;
    },
  };
}

test('begins with its own file, and what is wanted is applied, confirmed and begun with', async () => {
  const home = new Home();
  const first = await live(home);
  expect(names(first.plant)).toEqual(['seed']);
  expect(first.keeper.stand()).toMatchObject({
    managed: 'hub',
    held: { version: 0 },
    applied: { version: 0 },
    state: 'good',
  });
  first.keeper.desired(documentOf(1));
  await first.keeper.idle();
  expect(names(first.plants.at(-1))).toEqual(['d1']);
  expect(first.keeper.stand()).toMatchObject({ held: { version: 1 }, applied: { version: 1 }, state: 'trial' });
  first.keeper.heard();
  await first.keeper.idle();
  expect(first.keeper.stand()).toMatchObject({ state: 'good' });
  expect(first.told.at(-1)).toMatchObject({ id: 'config-1', body: { state: 'good' } });
  await first.stop();
  const second = await live(home);
  expect(names(second.plant)).toEqual(['d1']);
  expect(outcomes(home)).toEqual(['1 applied']);
  await second.stop();
});

test('what is wrong is refused with its lines, and what worked goes on', async () => {
  const home = new Home();
  const { keeper, plants, stop } = await live(home);
  keeper.desired(BROKEN);
  await keeper.idle();
  expect(plants).toEqual([]);
  expect(keeper.stand()).toMatchObject({ held: { version: 1 }, applied: { version: 0 }, state: 'refused' });
  expect(home.events).toMatchObject([
    {
      event: 'config',
      outcome: 'refused',
      code: 'settings-invalid',
      problems: [{ line: 2, path: 'devices[0].channel' }],
    },
  ]);
  keeper.desired(documentOf(2));
  await keeper.idle();
  expect(names(plants.at(-1))).toEqual(['d2']);
  await stop();
});

test('the hub cannot take away the switch that locks all writes, also where it gave it', async () => {
  const home = new Home(`${textOf('seed')}writeLock: { point: d/key }\n`);
  const { keeper, stop } = await live(home);
  const wants = async (version: number, points: string) => {
    const text = `${textOf('d').split('\n')[0]}\ndevices: [{ name: d, channel: a, points: { ${points} } }]\n`;
    keeper.desired({ version, text, hash: hashOf(text) });
    await keeper.idle();
    return keeper.stand().state;
  };
  const other = 'other: { address: { table: discrete, register: 9 } }';
  expect(await wants(1, `key: { address: { table: discrete, register: 1 } }, ${other}`)).toBe('trial');
  keeper.heard();
  await keeper.idle();
  expect(await wants(2, other)).toBe('refused');
  expect(JSON.stringify(home.events.at(-1))).toMatch('locks all writes on site: it cannot be taken away');
  await stop();
});

test('without a word of the hub the last good one comes back, once', async () => {
  const home = new Home();
  const { keeper, plants, clock, stop } = await live(home);
  keeper.desired(documentOf(1));
  await keeper.idle();
  keeper.heard();
  await keeper.idle();
  keeper.desired(documentOf(2));
  await keeper.idle();
  await clock.advance(CONFIRM_MS - 1);
  expect(names(plants.at(-1))).toEqual(['d2']);
  await clock.advance(2);
  await keeper.idle();
  expect(names(plants.at(-1))).toEqual(['d1']);
  expect(keeper.stand()).toMatchObject({ held: { version: 2 }, applied: { version: 1 }, state: 'returned' });
  // Said again it is not tried again: it has another number then.
  keeper.desired(documentOf(2));
  await keeper.idle();
  expect(outcomes(home)).toEqual(['1 applied', '2 applied', '2 returned']);
  await stop();
});

test('a process that does not live to be confirmed goes back at its fourth start', async () => {
  const home = new Home();
  const first = await live(home);
  first.keeper.desired(documentOf(1));
  await first.keeper.idle();
  await first.stop();
  const begun: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    const next = await live(home);
    begun.push(names(next.plant));
    await next.stop();
  }
  expect(begun).toEqual([['d1'], ['d1'], ['d1'], ['seed']]);
  expect(outcomes(home)).toEqual(['1 applied', '1 returned']);
});

describe('killed at any instant', () => {
  // Every step that leaves a trace on the disk, before it and after it: one change that is good, one that is not.
  const RUNS = [documentOf(1), BROKEN].flatMap((document, i) =>
    Array.from({ length: 14 }, (_, half) => [i === 0 ? 'good' : 'broken', half / 2, document] as const),
  );
  test.each(RUNS)('%s, step %d: nothing is lost, and its outcome is journalled once', async (kind, dieAt, document) => {
    const home = new Home();
    home.dieAt = dieAt;
    const { keeper: opening, life } = await home.start();
    const keeper = await Promise.race([opening, life.death]);
    if (keeper instanceof ConfigKeeper) {
      const stop = new AbortController();
      void keeper.run(stop.signal);
      keeper.desired(document);
      await Promise.race([keeper.idle(), life.death]);
      if (!life.dead) keeper.heard();
      await Promise.race([keeper.idle(), life.death]);
    }
    home.dieAt = Number.POSITIVE_INFINITY;
    const next = await live(home);
    // The hub says it again in each session in which the gateway does not name it.
    if (next.keeper.stand().held.version < document.version) next.keeper.desired(document);
    await next.keeper.idle();
    next.keeper.heard();
    await next.keeper.idle();
    expect(outcomes(home)).toEqual([kind === 'good' ? '1 applied' : '1 refused']);
    const running = next.plants.at(-1) ?? next.plant;
    expect(names(running)).toEqual([kind === 'good' ? 'd1' : 'seed']);
    expect(next.keeper.stand()).toMatchObject({ held: { version: 1 }, state: kind === 'good' ? 'good' : 'refused' });
    await next.stop();
  });
});

test('a damaged file is forgotten, not believed', async () => {
  const home = new Home();
  const first = await live(home);
  first.keeper.desired(documentOf(1));
  await first.keeper.idle();
  await first.stop();
  const file = join(home.dir, 'meta', 'config.json');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 50));
  const next = await live(home);
  expect(names(next.plant)).toEqual(['seed']);
  expect(next.keeper.stand()).toMatchObject({ held: { version: 0 } });
  await next.stop();
});

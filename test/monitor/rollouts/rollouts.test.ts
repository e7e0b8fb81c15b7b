import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { quietLog } from '../../../core/log.ts';
import { haltOpen } from '../../../monitor/rollouts/rollout-store.ts';
import { Rollouts } from '../../../monitor/rollouts/rollouts.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startHub, type TestHub } from '../support/hub.ts';
import { FakeGateway, textOf } from './fake-gateway.ts';

const FIVE = ['g1', 'g2', 'g3', 'g4', 'g5'];
const CHANGE = 'devices: { "meter-*": { every: 5s } }';

describe('a change for many gateways', () => {
  let hub: TestHub;
  let clock: FakeClock;
  let gateways: Map<string, FakeGateway>;
  let group = 0;

  beforeAll(async () => {
    clock = new FakeClock();
    hub = await startHub({ clock });
  });
  afterAll(() => hub.stop());
  beforeEach(async () => {
    group++;
    gateways = new Map(FIVE.map((id) => [`${id}-${group}`, new FakeGateway(hub, `${id}-${group}`)]));
    for (const gateway of gateways.values()) await gateway.comes();
    const body = { name: `Group ${group}`, gateways: [...gateways.keys()] };
    expect((await call(`/documents/gateway-group/g${group}`, { from: 0, body })).statusCode).toBe(200);
  });

  const call = (path: string, payload?: object, role: 'admin' | 'operator' | 'viewer' = 'admin') =>
    hub.server.inject({
      ...{ method: payload ? 'POST' : 'GET', url: `/api/v1${path}` },
      headers: { host: 'localhost', authorization: `Bearer ${hub.keys[role]}` },
      ...(payload ? { payload } : {}),
    });
  const asking = (more: object = {}) => ({
    ...{ name: 'slower', group: `g${group}`, change: CHANGE, rings: ['1', '40%'], soak: '10s' },
    ...more,
  });
  const start = async (more: object = {}) => {
    const answer = await call('/rollouts', asking(more));
    expect(answer.json()).toMatchObject({ state: 'running' });
    return answer.json().id as number;
  };
  /** A new hub process each time: all that it knows is in the archive. */
  const reborn = () =>
    new Rollouts({
      ...{ ...hub, store: hub.rolloutStore, wants: () => {}, clock, log: quietLog },
    });
  const look = async (seconds = 1) => {
    for (let i = 0; i < seconds; i++) {
      await reborn().look();
      for (const gateway of gateways.values()) await gateway.takes();
      await clock.advance(1000);
    }
  };
  const told = async (id: number) => {
    const { state, why, members } = (await call(`/rollouts/${id}`)).json();
    return [state, why, members.map((each: { state: string }) => each.state).join(' ')];
  };
  const at = (i: number) => [...gateways.values()][i] as FakeGateway;

  test('goes ring by ring, each after the last one has been watched, and gives each gateway one version', async () => {
    const id = await start();
    await look();
    expect(await told(id)).toEqual(['running', null, 'sent waiting waiting waiting waiting']);
    await look();
    expect(await told(id)).toEqual(['running', null, 'soaking waiting waiting waiting waiting']);
    await look(8);
    expect(await told(id)).toEqual(['running', null, 'soaking waiting waiting waiting waiting']);
    await look(5);
    expect(await told(id)).toEqual(['running', null, 'good soaking soaking waiting waiting']);
    await look(40);
    expect(await told(id)).toEqual(['done', null, 'good good good good good']);
    for (const [name, { held, text }] of gateways) expect([held, text]).toEqual([[1], textOf(name, '5s')]);
  });

  test('is checked with the schema of every gateway before the first gets anything', async () => {
    const wrong = asking({ change: 'devices: { "meter-*": { every: 7s } }' });
    const { gateways: planned } = (await call('/rollouts/preview', wrong)).json();
    expect(planned).toHaveLength(5);
    expect(planned[4].problems[0]).toMatchObject({ path: 'devices[0].every' });
    const answer = await call('/rollouts', wrong);
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'rollout-unfit']);
    await look(3);
    for (const { held } of gateways.values()) expect(held).toEqual([]);
  });

  test('shows what it would do: rings, differences, whoever is away', async () => {
    at(3).goes();
    const { gateways: planned } = (await call('/rollouts/preview', asking())).json();
    expect(planned.map(({ ring, there }: { ring: number; there: boolean }) => [ring, there])).toEqual([
      ...[
        [0, true],
        [1, true],
        [1, true],
        [2, false],
        [2, true],
      ],
    ]);
    expect(planned[0].lines.map(({ mark, text }: { mark: string; text: string }) => mark + text)).toEqual([
      ' devices:',
      `-  - { name: meter-g1-${group}, every: 1s }`,
      `+  - { name: meter-g1-${group}, every: 5s }`,
    ]);
  });

  test.each(['refuses', 'returns'] as const)(
    'halts when a gateway %s it; a person goes on, or takes it back',
    async (does) => {
      at(0).does = does;
      const id = await start();
      await look(4);
      expect(await told(id)).toEqual(['halted', 'failures', 'failed waiting waiting waiting waiting']);
      expect((await call(`/rollouts/${id}/turn`, { turn: 'resume' })).json()).toMatchObject({ state: 'running' });
      await look(4);
      expect(await told(id)).toEqual(['running', null, 'failed soaking soaking waiting waiting']);
      at(0).does = 'applies';
      await call(`/rollouts/${id}/turn`, { turn: 'revert' });
      await look(4);
      expect(await told(id)).toEqual(['reverted', null, 'reverted reverted reverted waiting waiting']);
      for (const [name, { text }] of gateways) expect([name, text]).toEqual([name, textOf(name)]);
      expect(at(1).held).toEqual([1, 2]);
      expect(at(4).held).toEqual([]);
    },
  );

  test('halts when a changed gateway stays away, not for a moment', async () => {
    const id = await start();
    await look(2);
    at(0).goes();
    // The same process looks: only it knows since when.
    const same = reborn();
    await same.look();
    await clock.advance(50_000);
    await same.look();
    expect((await told(id))[0]).toBe('running');
    await clock.advance(11_000);
    await same.look();
    await same.look();
    expect(await told(id)).toEqual(['halted', 'failures', 'failed waiting waiting waiting waiting']);
    expect((await call(`/rollouts/${id}`)).json().members[0]).toMatchObject({ reason: 'away', was: 0, version: 1 });
  });

  test('waits for a gateway that is away, or leaves it out', async () => {
    at(0).goes();
    const waits = await start({ soak: '0s' });
    await look(5);
    expect(await told(waits)).toEqual(['running', null, 'waiting waiting waiting waiting waiting']);
    await call(`/rollouts/${waits}/turn`, { turn: 'stop' });
    const skips = await start({ soak: '0s', whenAway: 'skip' });
    await look(20);
    expect(await told(skips)).toEqual(['done', null, 'skipped good good good good']);
  });

  test('paused it gives nothing to anybody', async () => {
    const id = await start();
    await call(`/rollouts/${id}/turn`, { turn: 'pause' });
    await look(5);
    expect(await told(id)).toEqual(['paused', null, 'waiting waiting waiting waiting waiting']);
    expect((await call(`/rollouts/${id}/turn`, { turn: 'pause' })).json()).toMatchObject({ code: 'rollout-over' });
    await call(`/rollouts/${id}/turn`, { turn: 'stop' });
    expect((await call(`/rollouts/${id}/turn`, { turn: 'resume' })).json()).toMatchObject({ code: 'rollout-over' });
  });

  test.each(['pause', 'stop', 'revert'] as const)('%s holds between two gateways of one ring', async (turn) => {
    const id = await start({ rings: [] });
    let turned: Promise<unknown> | undefined;
    const slow = new Rollouts({
      ...{ ...hub, store: hub.rolloutStore, wants: () => {}, clock, log: quietLog },
      configs: Object.assign(Object.create(hub.configs), {
        ...{ base: (gateway: string) => hub.configs.base(gateway), stages: () => hub.configs.stages() },
        async save(asked: Parameters<typeof hub.configs.save>[0]) {
          // One that waits for this look would wait for ever.
          if (turned) await Promise.race([turned, new Promise((resolve) => setTimeout(resolve, 5000))]);
          const saved = await hub.configs.save(asked);
          turned ??= slow.turn(id, turn);
          return saved;
        },
      }),
    });
    await slow.look();
    await turned;
    const state = { pause: 'paused', stop: 'stopped', revert: 'reverting' }[turn];
    expect(await told(id)).toEqual([state, null, 'sent waiting waiting waiting waiting']);
    if (turn === 'pause') await call(`/rollouts/${id}/turn`, { turn: 'stop' });
  });

  test('what somebody changed since is not taken back', async () => {
    const id = await start({ rings: [], soak: '0s' });
    await look(6);
    const theirs = textOf(`g2-${group}`, '9s');
    await hub.configs.save({ gateway: `g2-${group}`, from: 1, text: theirs, by: 'lee' });
    await look(1);
    await call(`/rollouts/${id}/turn`, { turn: 'revert' });
    await look(4);
    expect(await told(id)).toEqual(['reverted', null, 'reverted kept reverted reverted reverted']);
    expect(at(1).text).toBe(theirs);
  });

  test('taking back can be stopped, after which the gateways are free; and taken up again, also by a restored hub', async () => {
    const id = await start({ rings: [], soak: '0s' });
    await look(6);
    at(0).goes();
    await call(`/rollouts/${id}/turn`, { turn: 'revert' });
    await look(3);
    const hangs = ['reverting', null, 'reverting reverted reverted reverted reverted'];
    expect(await told(id)).toEqual(hangs);
    expect((await call('/rollouts', asking())).json().code).toBe('rollout-busy');
    expect((await call(`/rollouts/${id}/turn`, { turn: 'stop' })).json()).toMatchObject({ state: 'stopped' });
    await call(`/rollouts/${await start()}/turn`, { turn: 'stop' });
    await call(`/rollouts/${id}/turn`, { turn: 'revert' });
    await look(1);
    expect(await told(id)).toEqual(hangs);
    await hub.database.write((connection) => haltOpen(connection, clock.now()));
    expect((await told(id)).slice(0, 2)).toEqual(['stopped', 'restored']);
    expect((await call(`/rollouts/${id}/turn`, { turn: 'resume' })).json()).toMatchObject({ code: 'rollout-over' });
    await call(`/rollouts/${id}/turn`, { turn: 'revert' });
    await at(0).comes();
    await look(3);
    expect((await told(id))[0]).toBe('reverted');
  });

  test('one that cannot go on holds up no other', async () => {
    const others = FIVE.slice(1).map((name) => `${name}-${group}`);
    const first = await start({ without: others, rings: [] });
    const second = await start({ without: [`g1-${group}`], rings: [] });
    const one = new Rollouts({
      ...{ ...hub, store: hub.rolloutStore, wants: () => {}, clock, log: quietLog },
      configs: Object.assign(Object.create(hub.configs), {
        ...{ base: async (gateway: string) => (gateway === `g2-${group}` ? fails() : hub.configs.base(gateway)) },
        ...{ stages: () => hub.configs.stages(), text: (...of: [string, number]) => hub.configs.text(...of) },
        save: (...of: Parameters<typeof hub.configs.save>) => hub.configs.save(...of),
      }),
    });
    const fails = () => Promise.reject(new Error('cannot be read'));
    await expect(one.look()).rejects.toThrow('cannot be read');
    expect(await told(first)).toEqual(['running', null, 'sent']);
    expect(await told(second)).toEqual(['running', null, 'waiting sent sent sent']);
    for (const id of [first, second]) await call(`/rollouts/${id}/turn`, { turn: 'stop' });
  });

  test('a gateway is in one rollout at a time', async () => {
    const id = await start();
    const answer = await call('/rollouts', asking());
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'rollout-busy']);
    await call(`/rollouts/${id}/turn`, { turn: 'stop' });
    await start({ without: [`g1-${group}`] });
  });

  test('a hub that dies between the version and the note of it has done neither', async () => {
    const id = await start({ rings: [], soak: '0s' });
    const { configs } = hub;
    const dying = new Rollouts({
      ...{ ...hub, store: hub.rolloutStore, wants: () => {}, clock, log: quietLog },
      configs: {
        ...{ base: (...of) => configs.base(...of), problems: (...of) => configs.problems(...of) },
        ...{ schema: (...of) => configs.schema(...of), text: (...of) => configs.text(...of) },
        stages: () => configs.stages(),
        save: (asked) =>
          configs.save({
            ...asked,
            beside: async (connection, saved) => {
              await asked.beside?.(connection, saved);
              throw new Error('the power went');
            },
          }),
      },
    });
    await expect(dying.look()).rejects.toThrow('the power went');
    expect((await told(id))[2]).toBe('waiting waiting waiting waiting waiting');
    expect(await hub.configs.wanted(`g1-${group}`)).toBeUndefined();
    await look(6);
    expect(await told(id)).toEqual(['done', null, 'good good good good good']);
    for (const { held } of gateways.values()) expect(held).toEqual([1]);
  });

  test('only administrators of all sites begin and turn one; it is in the audit log', async () => {
    expect((await call('/rollouts', asking(), 'operator')).statusCode).toBe(403);
    expect((await call('/rollouts', undefined, 'viewer')).statusCode).toBe(200);
    const key = await hub.makeKey('admin', ['Seoul']);
    const some = { host: 'localhost', authorization: `Bearer ${key}` };
    const there = await hub.server.inject({
      method: 'POST',
      url: '/api/v1/rollouts',
      payload: asking(),
      headers: some,
    });
    expect(there.statusCode).toBe(403);
    const groups = await hub.server.inject({ url: '/api/v1/documents/gateway-group', headers: some });
    expect(groups.json()).toEqual({ documents: [] });
    const id = await start();
    const [act] = await hub.audit.acts({}, 1);
    expect(act).toMatchObject({ action: 'rollouts', object: `rollout ${id}` });
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../monitor/auth/access.ts';
import { startHub, type TestHub } from '../support/hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.stop());

async function call(role: Role, path: string, payload?: object) {
  const headers = { host: 'localhost', authorization: `Bearer ${hub.keys[role]}` };
  const method = payload ? 'POST' : 'GET';
  const answer = await hub.server.inject({
    method,
    url: `/api/v1/documents/${path}`,
    headers,
    ...(payload ? { payload } : {}),
  });
  return { status: answer.statusCode, body: answer.json() };
}
const save = (id: string, from: number, body: object, role: Role = 'operator') =>
  call(role, `board/${id}`, { from, body: { name: id, ...body } });
const value = { kind: 'value', point: 'plant-1/meter/kw', x: 0, y: 0, width: 3, height: 2 };

describe('documents', () => {
  test('are saved, listed, opened, brought back as they were, and removed', async () => {
    expect((await save('lobby', 0, { tiles: [] })).body).toMatchObject({ version: 1, savedBy: 'test' });
    expect((await save('lobby', 1, { tiles: [{ id: 'a', ...value }] })).body).toMatchObject({ version: 2 });
    expect((await call('viewer', 'board')).body.documents).toMatchObject([{ id: 'lobby', name: 'lobby', version: 2 }]);
    expect((await call('viewer', 'board/lobby')).body.body.tiles).toHaveLength(1);
    expect((await call('viewer', 'board/lobby?version=1')).body.body.tiles).toHaveLength(0);
    expect((await call('viewer', 'board/lobby/versions')).body.versions).toMatchObject([
      { version: 2 },
      { version: 1 },
    ]);
    expect((await call('operator', 'board/lobby/remove', { from: 2 })).status).toBe(200);
    expect((await call('viewer', 'board')).body.documents).toEqual([]);
    expect((await call('viewer', 'board/lobby')).status).toBe(404);
    expect((await save('lobby', 0, { tiles: [] })).body, 'a new one of the same name').toMatchObject({ version: 4 });
  });

  test('of two people who save at once one is told, and nothing of the other is lost', async () => {
    await save('shared', 0, { tiles: [] });
    const both = await Promise.all([save('shared', 1, { tiles: [] }), save('shared', 1, { tiles: [] })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const refused = both.find(({ status }) => status === 409);
    expect(refused?.body).toMatchObject({ code: 'document-changed', detail: 'test saved version 2 of it' });
    expect((await call('operator', 'board/shared/remove', { from: 1 })).status, 'a stale removal').toBe(409);
    expect((await save('shared', 0, { tiles: [] })).status, 'as if it were new').toBe(409);
  });

  test('since when it says the same under a key: from the last change of it, and never from before it was removed', async () => {
    const say = (from: number, due: string | undefined, name: string, at: number) =>
      hub.documents.save({ kind: 'round', id: 'told', name, body: { name, due }, from, by: 'test', at });
    const since = async () => (await hub.documents.all('round', ['due'])).find(({ id }) => id === 'told')?.since;
    await say(0, undefined, 'a', 1000);
    expect(await since()).toBe(1000);
    await say(1, '10:00', 'a', 2000);
    await say(2, '10:00', 'b', 3000);
    expect(await since()).toBe(2000);
    await say(3, '11:00', 'b', 4000);
    await say(4, '10:00', 'b', 5000);
    expect(await since()).toBe(5000);
    await hub.documents.remove({ kind: 'round', id: 'told', from: 5, by: 'test', at: 6000 });
    expect(await since()).toBeUndefined();
    await say(0, '10:00', 'b', 7000);
    expect(await since()).toBe(7000);
    await hub.documents.remove({ kind: 'round', id: 'told', from: 7, by: 'test', at: 8000 });
  });

  test('a document keeps its last fifty versions', async () => {
    for (let version = 0; version < 53; version++) await save('much', version, { tiles: [] });
    const { versions } = (await call('viewer', 'board/much/versions')).body;
    expect(versions.map((each: { version: number }) => each.version)).toEqual(
      Array.from({ length: 50 }, (_, i) => 53 - i),
    );
  });

  test('each kind says who may change it', async () => {
    expect((await save('mine', 0, { tiles: [] }, 'viewer')).status).toBe(403);
    const plan = { from: 0, body: { name: 'Floor 1' } };
    expect((await call('operator', 'floor-plan/floor-1', plan)).body).toMatchObject({ code: 'forbidden' });
    expect((await call('admin', 'floor-plan/floor-1', plan)).body).toMatchObject({ name: 'Floor 1' });
  });

  test.each<[string, string, object, string]>([
    ['a tile beyond the grid', 'board', { tiles: [{ id: 'a', ...value, x: 10 }] }, 'a ends beyond column 12'],
    [
      'tiles over each other',
      'board',
      {
        tiles: [
          { id: 'a', ...value },
          { id: 'b', ...value, x: 2 },
        ],
      },
      'b covers a',
    ],
    [
      'the same id twice',
      'board',
      {
        tiles: [
          { id: 'a', ...value },
          { id: 'a', ...value, x: 3 },
        ],
      },
      'a is there twice',
    ],
    ['an unknown kind of tile', 'board', { tiles: [{ id: 'a', ...value, kind: 'fireworks' }] }, 'tiles.0.kind'],
    ['no name', 'board', { name: ' ' }, 'name'],
    ['a key nobody knows', 'board', { onload: 'alert(1)' }, 'onload'],
    ['a marker off the plan', 'floor-plan', { markers: [{ id: 'm', x: 1.2, y: 0, point: 'a/b/c' }] }, 'markers.0.x'],
    ['a marker of nothing', 'floor-plan', { markers: [{ id: 'm', x: 0, y: 0 }] }, 'exactly one of point, device'],
    [
      'a zone with two corners',
      'floor-plan',
      {
        zones: [
          {
            id: 'z',
            name: 'Z',
            outline: [
              [0, 0],
              [1, 1],
            ],
          },
        ],
      },
      'zones.0.outline',
    ],
    ['a trend of no points', 'trend', { points: [], range: '1h' }, 'points'],
  ])('%s is refused with the place', async (_, kind, body, reason) => {
    const { status, body: problem } = await call('admin', `${kind}/bad`, { from: 0, body: { name: 'Bad', ...body } });
    expect(status).toBe(400);
    expect(problem.detail).toContain(reason);
    expect((await call('viewer', `${kind}/bad`)).status).toBe(404);
  });
});

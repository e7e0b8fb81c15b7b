import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { askControl, serveControl, streamControl } from '../../core/control-socket.ts';
import { Fault, isFault } from '../../core/faults.ts';
import { type Log, quietLog } from '../../core/log.ts';
import { bad, good } from '../../core/reading.ts';
import { settle } from '../../monitor/archive/settle.ts';
import { hubControl } from '../../monitor/control.ts';
import { removeBefore } from '../../monitor/retention.ts';
import { catalogue, column, EPOCH, entry, Journal, T0 } from './support/batches.ts';
import { deskForTests, startHub, type TestHub } from './support/hub.ts';

let folder: string;
let path: string;
let stop: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'control-'));
  path = join(folder, 'control.sock');
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true });
});

/** Resolves when somebody listens. */
async function serve(
  handlers: Parameters<typeof serveControl>[1],
  { log = quietLog, signal = stop.signal }: { log?: Log; signal?: AbortSignal } = {},
): Promise<{ readonly running: Promise<void> }> {
  const running = serveControl(path, handlers, log).run(signal);
  running.catch(() => {});
  // A word that nobody knows is answered too.
  const answered = () => askControl(path, 'anybody').then(Boolean, (error: unknown) => isFault(error, 'not-found'));
  await expect.poll(answered).toBe(true);
  return { running };
}

describe('control socket', () => {
  test('asks and answers, also by names with spaces; only the owner may', async () => {
    await serve({ 'journal status': async (body) => ({ got: body }) });
    expect(await askControl(path, 'journal status', { a: 1 })).toEqual({ got: { a: 1 } });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('nobody there is no error', async () => {
    expect(await askControl(path, 'ping')).toBeUndefined();
    await writeFile(path, '');
    expect(await askControl(path, 'ping'), 'a file that is no socket').toBeUndefined();
  });

  test('a fault of the other side is thrown here, with its detail', async () => {
    await serve({
      async broken() {
        throw new Fault('not-found', 'point x');
      },
    });
    await expect(askControl(path, 'broken')).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no such thing: point x',
    });
    await expect(askControl(path, 'toString')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a stream that breaks off throws instead of looking whole', async () => {
    let hasRead = () => {};
    const read = new Promise<void>((resolve) => {
      hasRead = resolve;
    });
    await serve({
      async export() {
        return (async function* () {
          yield 'first\n';
          await read;
          throw new Error('disk');
        })();
      },
    });
    const stream = await streamControl(path, 'export');
    let text = '';
    await expect(async () => {
      for await (const part of stream ?? []) {
        text += Buffer.from(part).toString();
        hasRead();
      }
    }).rejects.toThrow();
    expect(text).toBe('first\n');
  });

  test('a stream that is refused before its first part is answered as a fault', async () => {
    await serve({
      async export() {
        return (async function* () {
          if (path !== '') throw new Fault('not-found', 'point x');
          yield 'never';
        })();
      },
    });
    await expect(streamControl(path, 'export')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('point x'),
    });
  });

  test('a reader that has enough is no failure of the process', async () => {
    const told: unknown[] = [];
    const log = { ...quietLog, error: (...said: unknown[]) => void told.push(said) };
    let ended = false;
    const handlers = {
      async export() {
        return (async function* () {
          try {
            for (;;) yield 'x'.repeat(65_536);
          } finally {
            ended = true;
          }
        })();
      },
    };
    await serve(handlers, { log });
    for await (const part of (await streamControl(path, 'export')) ?? []) if (part.length > 0) break;
    await expect.poll(() => ended).toBe(true);
    await systemClock.sleep(20);
    expect(told).toEqual([]);
  });

  test('a second process is refused while one answers; a dead socket is replaced', async () => {
    const first = new AbortController();
    const { running } = await serve({}, { signal: first.signal });
    await expect(serveControl(path, {}, quietLog).run(stop.signal)).rejects.toMatchObject({ code: 'already-running' });
    first.abort();
    await running;
    await writeFile(path, 'left behind');
    await serve({ ping: async () => ({ ok: true }) });
    expect(await askControl(path, 'ping')).toEqual({ ok: true });
  });
});

describe('what the hub does for commands', () => {
  let hub: TestHub;
  let handlers: ReturnType<typeof hubControl>;
  const call = (verb: string, body: object) => {
    const handler = handlers[verb];
    if (!handler) throw new Error(verb);
    return handler(body, new AbortController().signal);
  };

  beforeEach(async () => {
    hub = await startHub();
    handlers = hubControl({
      ...hub,
      keptFrom: () => ({}),
      enrolment: deskForTests,
      dataDir: folder,
      clock: systemClock,
      log: quietLog,
    });
    const journal = new Journal();
    await hub.archive.append([
      journal.batch([
        journal.publish(catalogue([entry(0, 'd', 'a'), entry(1, 'd', "b'c"), entry(2, 'e', 'a')])),
        journal.readings([
          column(0, [
            [T0, good(1.5)],
            [T0 + 1000, bad('garbled')],
          ]),
          column(1, [[T0, good(2)]]),
          column(2, [[T0, good(3)]]),
        ]),
      ]),
    ]);
  });
  afterEach(() => hub.stop());

  const request = { points: ['plant-1/d/*'], from: T0, to: T0 + 10_000, format: 'csv', numbers: true };
  const textOf = async (stream: unknown) => {
    const parts: Uint8Array[] = [];
    for await (const part of stream as AsyncIterable<string | Uint8Array>) parts.push(Buffer.from(part));
    return Buffer.concat(parts);
  };

  test('export: the points that fit, one header, numbers', async () => {
    const lines = (await textOf(await call('export', request))).toString().trimEnd().split('\r\n');
    expect(lines).toEqual([
      'time,at,point,value,unit,quality,fault,epoch,seq',
      `2026-01-15T17:00:00.000+09:00,${T0},plant-1/d/a,1.5,°C,good,,${EPOCH},1`,
      `2026-01-15T17:00:01.000+09:00,${T0 + 1000},plant-1/d/a,,°C,bad,garbled,${EPOCH},2`,
      `2026-01-15T17:00:00.000+09:00,${T0},plant-1/d/b'c,2,°C,good,,${EPOCH},3`,
    ]);
    expect(await call('export-size', request)).toEqual({ rows: 3 });
    await expect(textOf(await call('export', { ...request, points: ['plant-1/x/*'] }))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('export as Parquet, readable by others', async () => {
    const file = join(folder, 'out.parquet');
    await writeFile(file, await textOf(await call('export', { ...request, format: 'parquet' })));
    const connection = await (await DuckDBInstance.create()).connect();
    const rows = await connection.runAndReadAll(
      `SELECT point, epoch_ms(time)::VARCHAR, value, quality, fault, seq::INTEGER FROM '${file}' ORDER BY seq`,
    );
    expect(rows.getRows()).toEqual([
      ['plant-1/d/a', String(T0), 1.5, 'good', null, 1],
      ['plant-1/d/a', String(T0 + 1000), null, 'bad', 'garbled', 2],
      ["plant-1/d/b'c", String(T0), 2, 'good', null, 3],
    ]);
  });

  test('users, keys, tokens', async () => {
    await call('user-add', { name: 'kim', password: 'a long password', role: 'operator' });
    expect(await call('user-list', {})).toEqual({
      users: [{ name: 'kim', role: 'operator', sites: null, createdMs: expect.any(Number) }],
    });
    const { key } = (await call('apikey-create', { name: 'x', role: 'viewer' })) as { key: string };
    expect(await hub.accounts.keys.find(key)).toMatchObject({ name: 'x', role: 'viewer', via: 'key' });
    expect(await call('token-create', { ttl: '2h' })).toEqual({ token: 'token-any-7200000' });
    await expect(call('user-add', { name: 'x', password: 'a long password', role: 'king' })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  test('retention removes what is older, and only that', async () => {
    await removeBefore(hub.database, T0 + 500);
    expect(await hub.database.read('SELECT 1 FROM readings'), 'what is in no rollup stays').toHaveLength(4);
    await settle(hub.database, { before: T0 + 1e6, arrivedBefore: 0, zoneOf: () => 'UTC' });
    await removeBefore(hub.database, T0 + 500);
    const rows = await hub.database.read('SELECT at_ms FROM readings');
    expect(rows).toEqual([{ at_ms: T0 + 1000 }]);
  });
});

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verb } from '../../cli/journal.ts';
import type { Io } from '../../cli/verb.ts';
import { systemClock } from '../../core/clock.ts';
import { serveControl } from '../../core/control-socket.ts';
import { quietLog } from '../../core/log.ts';
import { bad, good } from '../../core/reading.ts';
import { journalControl } from '../../gateway/journal-control.ts';
import { damaging, JOURNAL_SETTINGS, journalFolder, RunningJournal, removeFolder } from '../support/journal-home.ts';

const T0 = 1_793_491_200_000;
const quiet: Io = { out() {}, err() {}, isTty: false, clock: systemClock, signal: new AbortController().signal };

let home: string;
let file: string;
beforeEach(async () => {
  home = await journalFolder();
  file = join(home, 'out');
});
afterEach(() => removeFolder(home));

/** An event, 30 readings in 3 frames (10 points), a fault: numbers 0 to 31. */
async function written(options: Parameters<typeof RunningJournal.open>[1] = {}): Promise<RunningJournal> {
  const running = await RunningJournal.open(join(home, 'journal'), options);
  await running.publish();
  for (let frame = 0; frame < 3; frame++) await running.scan();
  running.journal.reading(4, T0 + 31, bad('no-answer'));
  await running.journal.flush();
  return running;
}

async function exported(...args: string[]): Promise<string> {
  const all = ['export', '--data', home, '-o', file, ...args];
  const { values, positionals } = parseArgs({ args: all, options: verb.options, allowPositionals: true });
  expect(await verb.run({ values, positionals }, quiet)).toBe(0);
  return readFileSync(file, 'utf8');
}

async function beside(running: RunningJournal, work: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const control = journalControl(running.journal, JOURNAL_SETTINGS);
  const serving = serveControl(join(home, 'control.sock'), control, quietLog).run(stop.signal);
  while (!existsSync(join(home, 'control.sock'))) await systemClock.sleep(10);
  await work().finally(() => stop.abort());
  await serving;
}

const records = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: string; value?: number });

test('every record, beside a running gateway and the same on a stopped one', async () => {
  const running = await written();
  const { epoch } = running.journal;
  let live = '';
  await beside(running, async () => {
    live = await exported();
  });
  await running.close();
  expect(await exported()).toBe(live);
  const all = records(live);
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 32 }, (_, seq) => String(seq)));
  expect(all[0]).toMatchObject({ epoch, seq: '0', event: { event: 'catalogue' } });
  expect(all[12]).toEqual({ epoch, seq: '12', at: T0 + 11, point: 'meter/p1', value: 12 });
  expect(all[31]).toEqual({ epoch, seq: '31', at: T0 + 31, point: 'meter/p4', fault: 'no-answer' });
});

test('CSV of a span: from is in it, to is not', async () => {
  await (await written()).close();
  const lines = (await exported('--format', 'csv', '--from', String(T0 + 21), '--to', String(T0 + 31))).split('\r\n');
  expect(lines).toHaveLength(12);
  expect(lines[0]).toBe('epoch,seq,at,point,value,fault,event,clock');
  expect(lines[1]).toMatch(/^[0-9a-f]{32},21,2026-11-01T00:00:00\.021Z,meter\/p0,21,,,$/);
  expect(lines[10]).toContain(',30,');
});

test('the bar knows how many lines come, with a span and without', async () => {
  const running = await written();
  const size = journalControl(running.journal, JOURNAL_SETTINGS)['journal export-size'];
  const { signal } = new AbortController();
  expect(await size?.({}, signal)).toEqual({ records: 32 });
  expect(await size?.({ from: T0 + 21, to: T0 + 31 }, signal)).toEqual({ records: 10 });
  await running.close();
});

test('what is damaged is left out, and nothing is declared by looking', async () => {
  const running = await written({ openStore: damaging(new Set([11]), 'frame') });
  await beside(running, async () => {
    const found = records(await exported()).map(({ seq }) => Number(seq));
    expect(found).toEqual([...Array(11).keys(), ...Array.from({ length: 11 }, (_, i) => 21 + i)]);
  });
  expect(running.journal.gaps()).toEqual([]);
  await running.close();
});

test('more than is read at once', async () => {
  const running = await written();
  for (let i = 0; i < 800; i++) {
    running.journal.reading(0, T0 + 100 + i, good(randomBytes(3000).toString('base64')));
    if (i % 20 === 19) await running.journal.flush();
  }
  expect(running.journal.bytes).toBeGreaterThan(2 * 1024 * 1024);
  await running.close();
  expect(records(await exported()).map(({ seq }) => seq)).toEqual(Array.from({ length: 832 }, (_, seq) => String(seq)));
});

test('status tells when closed segments were verified, as text and as JSON', async () => {
  const running = await written();
  const status = async (...args: string[]) => {
    const lines: string[] = [];
    const all = ['status', '--data', home, ...args];
    const options = { ...verb.options, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: all, options, allowPositionals: true });
    await verb.run({ values, positionals }, { ...quiet, out: (line: string) => void lines.push(line) });
    return lines.join('\n');
  };
  await beside(running, async () => expect(await status()).toMatch(/^verified {7}not yet$/m));
  await running.journal.noteVerified({ at: T0, records: 17 });
  await running.close();
  expect(await status()).toMatch(/^verified {7}2026-11-01T00:00:00\.000Z: 17 records in closed segments are whole$/m);
  expect(JSON.parse(await status('--json'))).toMatchObject({ lastVerified: { at: T0, records: 17 } });
});

test.each([
  [['--format', 'xls'], 'usage'],
  [['--from', 'tomorrow'], 'usage'],
  [['-o', '/does/not/exist/x'], 'file-unwritable'],
] as const)('%s is told in one line', async (args, code) => {
  await (await written()).close();
  await expect(exported(...args)).rejects.toMatchObject({ code });
});

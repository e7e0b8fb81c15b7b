import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bad, good } from '../../core/reading.ts';
import { settle } from '../../monitor/archive/settle.ts';
import { xlsxOf } from '../../monitor/export/xlsx.ts';
import { ZoneTime } from '../../monitor/zone-time.ts';
import { catalogue, column, entry, Journal, T0 } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

let hub: TestHub;
/** Midnight in Seoul before T0. */
const DAY0 = T0 - 17 * 3_600_000;

beforeAll(async () => {
  hub = await startHub();
  const journal = new Journal();
  const points = [entry(0, 'd', 'a'), entry(1, 'd', 'b', { unit: undefined }), entry(2, 'e', 'note', { kind: 'text' })];
  await hub.archive.append([
    journal.batch([
      journal.publish(catalogue(points)),
      journal.readings([
        column(0, [
          [T0, good(1.5)],
          [T0 + 1000, bad('no-answer')],
          [T0 + 86_400_000, good(-4)],
        ]),
        column(1, [
          [T0 + 500, good(7)],
          [T0 + 1000, good(8)],
        ]),
        column(2, [[T0, good('=cmd|"x"')]]),
      ]),
    ]),
  ]);
  await settle(hub.database, { before: T0 + 1000, arrivedBefore: 0, zoneOf: () => 'Asia/Seoul' });
});

afterAll(() => hub.stop());

const span = `from=${T0}&to=${T0 + 10_000}`;
const get = async (query: string) => hub.get(`/api/v1/export?${query}`);
const lines = async (query: string) => (await get(query)).body.trimEnd().split('\r\n');

describe('CSV', () => {
  test('long: a row per reading, its time twice, and no text that a sheet would take for a formula', async () => {
    const answer = await get(`point=plant-1/*&${span}&bom=true`);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="3-points_20260115-20260115_raw.csv"',
      'x-total-rows': '5',
    });
    expect(answer.body.trimEnd().split('\r\n')).toEqual([
      '\uFEFFtime,at,point,value,unit,quality,fault',
      `2026-01-15T17:00:00.000+09:00,${T0},plant-1/d/a,1.5,°C,good,`,
      `2026-01-15T17:00:01.000+09:00,${T0 + 1000},plant-1/d/a,,°C,bad,no-answer`,
      `2026-01-15T17:00:00.500+09:00,${T0 + 500},plant-1/d/b,7,,good,`,
      `2026-01-15T17:00:01.000+09:00,${T0 + 1000},plant-1/d/b,8,,good,`,
      `2026-01-15T17:00:00.000+09:00,${T0},plant-1/e/note,"'=cmd|""x""",°C,good,`,
    ]);
  });

  test('wide: a row per time, a column per point, nothing where nothing is known', async () => {
    expect(await lines(`point=plant-1/d/a,plant-1/d/b&${span}&layout=wide`)).toEqual([
      'time,at,plant-1/d/a [°C],plant-1/d/b',
      `2026-01-15T17:00:00.000+09:00,${T0},1.5,`,
      `2026-01-15T17:00:00.500+09:00,${T0 + 500},,7`,
      `2026-01-15T17:00:01.000+09:00,${T0 + 1000},,8`,
    ]);
  });

  test('steps: said in the name of the file, days of the site', async () => {
    const query = `point=plant-1/d/a&from=${DAY0}&to=${DAY0 + 2 * 86_400_000}&step=1d&agg=avg,count,bad`;
    expect((await get(query)).headers['content-disposition']).toContain('plant-1_d_a_20260114-20260116_step-1d.csv');
    expect(await lines(query)).toEqual([
      'time,at,point,unit,avg,count,bad',
      `2026-01-15T00:00:00.000+09:00,${DAY0},plant-1/d/a,°C,1.5,1,1`,
      `2026-01-16T00:00:00.000+09:00,${DAY0 + 86_400_000},plant-1/d/a,°C,-4,1,0`,
    ]);
  });

  test('a span of many stretches has each step once', async () => {
    const all = await lines(
      `point=plant-1/d/a&from=${DAY0 - 90 * 86_400_000}&to=${DAY0 + 9 * 86_400_000}&step=1s&agg=count`,
    );
    expect(all.slice(1).map((line) => line.split(',')[1])).toEqual([T0, T0 + 1000, T0 + 86_400_000].map(String));
  });
});

test('NDJSON: records by name', async () => {
  const { body } = await get(`point=plant-1/d/*&${span}&format=ndjson`);
  expect(
    body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))[1],
  ).toEqual({
    at: T0 + 1000,
    point: 'plant-1/d/a',
    value: null,
    unit: '°C',
    quality: 'bad',
    fault: 'no-answer',
  });
});

test('Parquet: its length is known', async () => {
  const { rawPayload, headers } = await get(`point=plant-1/d/*&${span}&format=parquet`);
  expect(rawPayload.subarray(0, 4).toString()).toBe('PAR1');
  expect(headers['content-length']).toBe(String(rawPayload.length));
});

describe('XLSX', () => {
  test('times as Excel has them, numbers as numbers, texts as texts', async () => {
    const { rawPayload } = await get(`point=plant-1/*&${span}&format=xlsx`);
    const files = unzip(rawPayload);
    expect([...files.keys()]).toContain('[Content_Types].xml');
    const sheet = files.get('xl/worksheets/sheet1.xml') ?? '';
    const rows = [...sheet.matchAll(/<row>(.*?)<\/row>/g)].map(([, row]) => row ?? '');
    expect(rows).toHaveLength(6);
    // 2026-01-15 17:00 in Seoul.
    expect(rows[1]).toMatch(/^<c s="1"><v>46037\.70833/);
    expect(rows[1]).toContain('<c><v>1.5</v></c>');
    expect(rows[5]).toContain('<c t="inlineStr"><is><t xml:space="preserve">=cmd|"x"</t></is></c>');
  });

  test('what XML cannot hold is replaced', async () => {
    const line = { at: T0, time: new ZoneTime('UTC'), cells: ['a\u0000<&\uD800', true, null] };
    const table = {
      columns: ['x'],
      parts: (async function* () {
        yield [line];
      })(),
    };
    const parts: Buffer[] = [];
    for await (const part of xlsxOf(table, T0)) parts.push(part as Buffer);
    const sheet = unzip(Buffer.concat(parts)).get('xl/worksheets/sheet1.xml');
    expect(sheet).toContain('>a\uFFFD&lt;&amp;\uFFFD</t></is></c><c t="b"><v>1</v></c><c/>');
  });

  test('a source that breaks breaks the file, instead of leaving it open', async () => {
    const broken = (async function* () {
      yield [];
      throw new Error('the disk is gone');
    })();
    const read = async () => {
      for await (const _ of xlsxOf({ columns: [], parts: broken }, T0));
    };
    await expect(read()).rejects.toThrow('the disk is gone');
  });

  test('a reader that leaves ends the source', async () => {
    let [isBegun, isEnded] = [false, false];
    const endless = (async function* () {
      try {
        isBegun = true;
        const cells = ['x'.repeat(1000)];
        for (;;) yield Array.from({ length: 1000 }, (_, i) => ({ at: T0 + i, time: new ZoneTime('UTC'), cells }));
      } finally {
        isEnded = true;
      }
    })();
    const stream = xlsxOf({ columns: ['x'], parts: endless }, T0);
    stream.on('data', () => isBegun && stream.destroy());
    await expect.poll(() => isEnded, { timeout: 10_000 }).toBe(true);
  });
});

test.each([
  ['point=plant-1/x/*', 404],
  ['point=plant-1/d/a&from=5&to=1', 400],
  ['point=plant-1/d/a&step=7m', 400],
  ['point=plant-1/d/a&step=1h&format=parquet', 400],
  ['point=plant-1/d/a&layout=wide&numbers=true', 400],
  ['point=plant-1/*&layout=wide&step=1h&agg=avg', 400],
  ['point=plant-1/d/a&format=pdf', 400],
  ['from=0', 400],
])('%s is refused with %i', async (query, status) => {
  expect((await get(query)).statusCode).toBe(status);
});

/** The files of an archive, by its directory. [PKWARE APPNOTE 6.3, 4.3.12] */
function unzip(bytes: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  let at = bytes.readUInt32LE(bytes.length - 6);
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    const [size, nameLength, extra] = [
      bytes.readUInt32LE(at + 20),
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
    ];
    const local = bytes.readUInt32LE(at + 42);
    const body = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    files.set(
      bytes.subarray(at + 46, at + 46 + nameLength).toString(),
      inflateRawSync(bytes.subarray(body, body + size)).toString(),
    );
    at += 46 + nameLength + extra;
  }
  return files;
}

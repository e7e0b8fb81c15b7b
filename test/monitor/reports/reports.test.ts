import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { good } from '../../../core/reading.ts';
import { dayOf } from '../../../core/rules/holidays.ts';
import { LocalDays } from '../../../monitor/local-days.ts';
import { periodOf } from '../../../monitor/reports/period.ts';
import type { Report, Table } from '../../../monitor/reports/report.ts';
import { column } from '../support/batches.ts';
import { HOUR, MIDNIGHT, MIN, SITE, startPlant } from './plant.ts';
import { readXlsx } from './read-xlsx.ts';

let hub: Awaited<ReturnType<typeof startPlant>>;

beforeAll(async () => {
  hub = await startPlant();
});
afterAll(() => hub.stop());

const ask = async (query: string) =>
  (await hub.get(`/api/v1/report?site=${encodeURIComponent(SITE)}&${query}`)).json() as Promise<Report>;
const post = (url: string, payload: object, role: 'viewer' | 'operator' | 'admin' = 'operator') =>
  hub.server.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: { host: 'localhost', authorization: `Bearer ${hub.keys[role]}` },
    payload,
  });
/** The last reading before a silence counts for two polls and a half, and no longer. */
const HELD = 1.5 * MIN;
const KNOWN = 22 * HOUR + HELD;
const tableOf = (report: Report, id: string) =>
  report.sections.flatMap(({ tables }) => tables).find((table) => table.id === id) as Table;
const linesOf = (report: Report, id: string) => report.summary.find((topic) => topic.id === id)?.lines;

describe('the report of a day', () => {
  let report: Report;
  beforeAll(async () => {
    report = await ask('kind=daily&language=ko');
  });

  test('is of the last day that is over, in the site’s zone', () => {
    expect(report).toMatchObject({ title: '일일 보고서', period: '2026-11-20', timezone: 'Asia/Seoul' });
    expect([report.from, report.to]).toEqual([MIDNIGHT, MIDNIGHT + 24 * HOUR]);
    expect(report.madeAt).toBe(MIDNIGHT + 33 * HOUR);
    expect(report.signers).toEqual(['담당', '검토', '승인']);
  });

  test('alarms: what stood at the end counts until the end, not until now', () => {
    expect(linesOf(report, 'alarms')?.slice(0, 3)).toEqual([
      '알람 3건 발생: 위험 0, 높음 2, 보통 0, 낮음 1. 전일 0건.',
      '기간 종료 시점 지속 중 1건, 그중 미확인 1건.',
      '최장 지속: 냉복도 · 냉복도 온도 높음, 2시간.',
    ]);
    expect(tableOf(report, 'alarms').rows.at(-1)).toEqual([
      ...[MIDNIGHT + 23 * HOUR, '높음', '냉복도', '냉복도 온도 높음', HOUR, '지속 중', ''],
    ]);
    expect(tableOf(report, 'alarms-top').rows[0]).toEqual(['냉복도', '냉복도 온도 높음', 2, 3 * HOUR]);
  });

  test('energy: a silence makes it a least, no comparison is drawn from the unknown, and no zero', () => {
    const [all] = tableOf(report, 'energy').rows;
    // Held for five minutes after the last reading.
    const missing = 116 * MIN;
    expect(all?.[0]).toBe('전체');
    expect(all?.[1]).toBeCloseTo(((24 * 60 * MIN - missing) / HOUR) * 60 + 5);
    expect(all?.slice(2)).toEqual([null, '', expect.closeTo(80), MIDNIGHT + 14 * HOUR, 70, missing]);
    expect(linesOf(report, 'energy')?.[0]).toMatch(/^전체: 최소 1,329\.0 kWh\.$/);
    const bars = report.sections.flatMap(({ charts }) => charts).find(({ id }) => id === 'energy-all')
      ?.series[0]?.points;
    expect(bars?.[20]?.slice(2)).toEqual([expect.closeTo(4), false]);
    expect(bars?.[21]?.slice(2)).toEqual([null, false]);
    expect(bars?.[14]?.slice(2)).toEqual([expect.closeTo(65), true]);
  });

  test('a meter of another site is not in it', () => {
    expect(tableOf(report, 'energy').rows.map(([name]) => name)).toEqual(['전체', '수전']);
  });

  test('climate: extremes, mean by time and the share of the known time outside the alarm’s limit', () => {
    const [temperature, humidity] = tableOf(report, 'climate').rows;
    expect(temperature).toEqual([
      ...[
        '냉복도 · 온도',
        '°C',
        23,
        expect.closeTo(23 + (7 * (2 * HOUR + HELD)) / KNOWN),
        30,
        MIDNIGHT + 10 * HOUR,
        '≤ 27 °C',
      ],
      ...[expect.closeTo((2 * HOUR + HELD) / KNOWN, 6), expect.closeTo(KNOWN / (24 * HOUR), 6)],
    ]);
    // An hour of faults is neither 0 % nor within any range.
    expect(humidity?.slice(2)).toEqual([45, 45, 45, MIDNIGHT + HOUR, '미설정', '', expect.closeTo(23 / 24)]);
  });

  test('what is not known is said: silent hours, faults, declared losses', () => {
    expect(tableOf(report, 'quality').rows).toEqual([
      ['무정전전원 · load', 24, 0, null],
      ['냉복도 · 온도', 2, 22 * 60, 0],
      ['수전 전력량계 · power', 2, 22 * 60, 0],
      ['냉복도 · 습도', 0, 24 * 60, expect.closeTo(1 / 24)],
    ]);
    expect(tableOf(report, 'gaps').rows).toEqual([
      [MIDNIGHT + 16 * HOUR, 'plant-1', 250, 90_000, '게이트웨이 저장 공간 부족'],
    ]);
  });

  test('the same in English', async () => {
    const english = await ask('kind=daily&language=en');
    expect(linesOf(english, 'ups')).toEqual(['Events: 1, 40 s in total.']);
    expect(JSON.stringify(english)).not.toMatch(/[가-힣]/);
  });

  test('a period that is running says so, and counts no time to come', async () => {
    const running = await ask('kind=daily&day=2026-11-21');
    expect(linesOf(running, 'summary')).toEqual(['The period is not over: this is how it stood on 2026-11-21 09:00.']);
    expect(tableOf(running, 'energy').rows[0]?.[1]).toBeCloseTo(9 * 60);
    expect(tableOf(running, 'energy').rows[0]?.[7]).toBe(0);
    expect(linesOf(running, 'alarms')?.[2]).toBe('The longest: aisle · aisle hot, 9 h.');
  });
});

test('of a time before anything was heard no gateway was there all the time', async () => {
  const early = await ask('kind=daily&language=en&day=2026-10-01');
  expect(linesOf(early, 'gateways')?.[0]).toMatch(/^Nothing is known of .+ in this period\.$/);
  expect(tableOf(early, 'gateways').rows[0]?.[1]).toBeNull();
  await hub.database.write((connection) => connection.run('UPDATE epochs SET first_ms = ?', [MIDNIGHT + 25 * HOUR]));
  // Of a site that began today the report of today is shown first.
  expect(await ask('kind=daily&language=en')).toMatchObject({ period: '2026-11-21' });
  await hub.database.write((connection) => connection.run('UPDATE epochs SET first_ms = 0'));
});

test('a week begins on Monday, a month on its 1st', async () => {
  expect((await ask('kind=weekly&day=2026-11-20')).period).toBe('2026-11-16 – 2026-11-22');
  expect((await ask('kind=monthly&day=2026-11-20')).period).toBe('2026-11-01 – 2026-11-30');
  expect((await ask('kind=monthly')).period).toBe('2026-10-01 – 2026-10-31');
});

test('what cannot be made is refused with a reason', async () => {
  const get = async (query: string) => (await hub.get(`/api/v1/report?${query}`)).json();
  expect(await get('site=nowhere&kind=daily')).toMatchObject({ status: 404 });
  const site = `site=${encodeURIComponent(SITE)}`;
  expect(await get(`${site}&kind=daily&day=2026-11-22`)).toMatchObject({
    status: 400,
    detail: expect.stringContaining('still to come'),
  });
  expect(await get(`${site}&kind=daily&day=2026-02-30`)).toMatchObject({ status: 400 });
  expect((await post('/reports', { site: SITE, kind: 'daily' }, 'viewer')).statusCode).toBe(403);
});

test('who signs and what is judged is a document', async () => {
  const body = { name: 'ours', signers: ['소장'], points: [{ point: 'plant-1/aisle/humidity', low: 50 }] };
  expect((await post('/documents/report-layout/default', { from: 0, body }, 'admin')).statusCode).toBe(200);
  const report = await ask('kind=daily&language=ko');
  await post('/documents/report-layout/default/remove', { from: 1 }, 'admin');
  expect(report.signers).toEqual(['소장']);
  expect(tableOf(report, 'climate').rows).toEqual([
    ['냉복도 · 습도', '%', 45, 45, 45, MIDNIGHT + HOUR, '≥ 50 %', 1, expect.closeTo(23 / 24)],
  ]);
});

describe('a report that is kept', () => {
  let id: string;
  beforeAll(async () => {
    id = (await post('/reports', { site: SITE, kind: 'daily', language: 'ko' })).json().id;
  });

  test('stays as it was made when data come late; made again it has them', async () => {
    const before = (await hub.get(`/api/v1/reports/${id}`)).json() as Report;
    await hub.clock.advance(HOUR);
    const late = Array.from({ length: 120 }, (_, i) => [MIDNIGHT + (1200 + i) * MIN, good(60)] as const);
    await hub.archive.append([hub.journal.batch([hub.journal.readings([column(2, late)])])]);
    expect((await hub.get(`/api/v1/reports/${id}`)).json()).toEqual(before);
    const again = (await post('/reports', { site: SITE, kind: 'daily', language: 'ko' })).json();
    const after = (await hub.get(`/api/v1/reports/${again.id}`)).json() as Report;
    expect([before.madeAt, after.madeAt]).toEqual([MIDNIGHT + 33 * HOUR, MIDNIGHT + 34 * HOUR]);
    expect(tableOf(after, 'energy').rows[0]?.[1]).toBeCloseTo(24 * 60 + 5);
    const { reports, sites } = (await hub.get('/api/v1/reports')).json();
    expect(sites).toEqual([SITE]);
    expect(reports.map((each: { id: string }) => each.id)).toEqual([again.id, id]);
    expect(reports[0]).toMatchObject({ madeBy: 'test', kind: 'daily', from: MIDNIGHT });
  });

  test('as PDF: Korean can be searched and copied, every page says which it is', async () => {
    const { rawPayload, headers } = await hub.get(`/api/v1/reports/${id}/file?format=pdf`);
    expect(headers['content-type']).toBe('application/pdf');
    expect(headers['content-disposition']).toContain('filename="daily_2026-11-20_Seoul-plant-1.pdf"');
    expect(rawPayload.length).toBeLessThan(200_000);
    const { text, totalPages } = await extractText(await getDocumentProxy(new Uint8Array(rawPayload)));
    expect(totalPages).toBeGreaterThan(1);
    const [first = ''] = text;
    for (const part of [
      '일일 보고서',
      '담당',
      '검토',
      '승인',
      '작성 시점',
      '2026-11-21 09:00',
      '알람 3건 발생',
      '1,329.0',
    ])
      expect(first).toContain(part);
    for (const [index, page] of text.entries()) expect(page).toContain(`${index + 1} / ${totalPages}`);
    expect(text.join('\n')).toContain('냉복도 온도 높음');
  });

  test('as XLSX: numbers are numbers, times and durations are Excel’s, the unknown is empty', async () => {
    const sheets = readXlsx((await hub.get(`/api/v1/reports/${id}/file?format=xlsx`)).rawPayload);
    expect([...sheets.keys()][0]).toBe('일일 보고서');
    expect(sheets.get('일일 보고서')?.[1]?.map(({ value }) => value)).toEqual(['사업장', SITE]);
    const alarms = sheets.get('알람 내역');
    // 2026-11-20 10:00 in Seoul; two hours.
    expect(alarms?.[1]?.[0]).toEqual({ value: expect.closeTo(46_346 + 10 / 24, 6), style: 2 });
    expect(alarms?.[1]?.[4]).toEqual({ value: expect.closeTo(2 / 24, 9), style: 3 });
    const bars = sheets.get('시간별 전력량  전체');
    expect(bars).toHaveLength(25);
    expect(bars?.[22]?.[1]?.value).toBeNull();
    expect(sheets.get('주요 지점')?.[1]?.[7]).toEqual({
      value: expect.closeTo((2 * HOUR + HELD) / KNOWN, 6),
      style: 4,
    });
  });

  test('is found by whoever has its site alone, however many there are of others', async () => {
    const { store } = hub.context.reports;
    const [own] = await store.list([SITE], 1);
    const report = await store.get(own?.id ?? '');
    for (const id of ['other-1', 'other-2'])
      await store.add(id, { ...report, site: 'Plant Z', madeAt: report.madeAt + 1 });
    const headers = { host: 'localhost', authorization: `Bearer ${await hub.makeKey('viewer', [SITE])}` };
    const kept = async (more: string) =>
      (await hub.server.inject({ url: `/api/v1/reports?limit=1${more}`, headers })).json().reports;
    expect(await kept('')).toMatchObject([{ site: SITE }]);
    expect(await kept('&site=Plant%20Z')).toEqual([]);
    for (const id of ['other-1', 'other-2']) await store.remove(id);
  });

  test('is removed by an administrator only', async () => {
    expect((await post(`/reports/${id}/remove`, {}, 'operator')).statusCode).toBe(403);
    expect((await post(`/reports/${id}/remove`, {}, 'admin')).statusCode).toBe(200);
    expect((await hub.get(`/api/v1/reports/${id}`)).statusCode).toBe(404);
  });
});

test('a day that the clock shortened has its hours', async () => {
  const { from, to } = periodOf('daily', dayOf('2026-03-29'), new LocalDays('Europe/Berlin'));
  expect(to - from).toBe(23 * HOUR);
});

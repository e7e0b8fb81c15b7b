import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EPOCH, T0 } from './support/batches.ts';
import { startBoilerHub } from './support/boiler-hub.ts';
import type { TestHub } from './support/hub.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startBoilerHub();
});
afterAll(() => hub.stop());

const span = `from=${T0}&to=${T0 + 120_000}`;
const json = async (url: string) => (await hub.get(url)).json();

describe('readings', () => {
  test('raw: value or fault, never both', async () => {
    expect(await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}`)).toEqual({
      point: 'plant-1/boiler/temp',
      unit: '°C',
      columns: ['at', 'value', 'quality', 'fault'],
      rows: [
        [T0, 20, 'good'],
        [T0 + 1000, null, 'bad', 'no-answer'],
        [T0 + 60_000, 22, 'good'],
        [T0 + 61_000, 26, 'good'],
      ],
    });
  });

  test('each kind comes back as what it is', async () => {
    expect((await json(`/api/v1/readings?point=plant-1/boiler/running&${span}`)).rows).toEqual([[T0, true, 'good']]);
    expect((await json(`/api/v1/readings?point=plant-1/boiler/state&${span}`)).rows).toEqual([
      [T0, 'run, "slow"', 'good'],
    ]);
  });

  test('pages without losing or repeating a row', async () => {
    const rows: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < 10; page++) {
      const answer = await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}&limit=3${cursor}`);
      rows.push(...answer.rows);
      if (!answer.cursor) break;
      cursor = `&cursor=${answer.cursor}`;
    }
    expect(rows.map((row) => (row as number[])[0])).toEqual([T0, T0 + 1000, T0 + 60_000, T0 + 61_000]);
  });

  test('numbers tell epoch and sequence number', async () => {
    const { rows } = await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}&numbers=true`);
    expect(rows.slice(0, 2)).toEqual([
      [T0, 20, 'good', null, EPOCH, '1'],
      [T0 + 1000, null, 'bad', 'no-answer', EPOCH, '2'],
    ]);
  });

  test('steps leave out what was bad and say how much that was', async () => {
    const answer = await json(
      `/api/v1/readings?point=plant-1/boiler/temp&${span}&step=1m&agg=avg,min,max,last,count,bad`,
    );
    expect(answer).toMatchObject({ step: 60_000, columns: ['at', 'avg', 'min', 'max', 'last', 'count', 'bad'] });
    expect(answer.rows).toEqual([
      [T0, 20, 20, 20, 20, 1, 1],
      [T0 + 60_000, 24, 22, 26, 26, 2, 0],
    ]);
  });

  test('a step of a day begins at midnight of the site', async () => {
    const { rows } = await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}&step=1d&agg=count`);
    expect(new Date(rows[0][0]).toISOString()).toMatch(/T15:00:00\.000Z$/);
  });

  test('CSV: times with the offset of the site, quoted cells, the fault instead of a value', async () => {
    const answer = await hub.get(`/api/v1/readings?point=plant-1/boiler/temp&${span}`, { accept: 'text/csv' });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.body.split('\r\n').slice(0, 3)).toEqual([
      'time,point,value,unit,quality,fault',
      '2026-01-15T17:00:00.000+09:00,plant-1/boiler/temp,20,°C,good,',
      '2026-01-15T17:00:01.000+09:00,plant-1/boiler/temp,,°C,bad,no-answer',
    ]);
    const text = await hub.get(`/api/v1/readings?point=plant-1/boiler/state&${span}`, { accept: 'text/csv' });
    expect(text.body).toContain(',"run, ""slow""",');
  });

  test('NDJSON: one record a line', async () => {
    const { body } = await hub.get(`/api/v1/readings?point=plant-1/boiler/temp&${span}&numbers=true`, {
      accept: 'application/x-ndjson',
    });
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(4);
    expect(lines[1]).toEqual({
      at: T0 + 1000,
      point: 'plant-1/boiler/temp',
      value: null,
      unit: '°C',
      quality: 'bad',
      fault: 'no-answer',
      epoch: EPOCH,
      seq: '2',
    });
  });

  test('columns for a chart: first, least, greatest, last; where nothing is there is no row', async () => {
    const answer = await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}&width=4`);
    expect(answer).toMatchObject({ resolution: 'raw', columns: ['at', 'first', 'min', 'max', 'last', 'count', 'bad'] });
    expect(answer.rows).toEqual([
      [T0, 20, 20, 20, 20, 1, 1],
      [T0 + 60_000, 22, 22, 26, 26, 2, 0],
    ]);
  });

  test('of a text: the last, and how many', async () => {
    const answer = await json(`/api/v1/readings?point=plant-1/boiler/state&${span}&step=1m&agg=last,count,good`);
    expect(answer.rows).toEqual([[T0, 'run, "slow"', 1, 1]]);
  });

  test.each([
    ['point=plant-1/boiler/none&from=0&to=1', 404, 'not-found'],
    ['point=plant-1/boiler/temp&from=soon&to=1', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=2&to=1', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&limit=0', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&agg=median', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=9999999999999&step=1s', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&cursor=x', 400, 'request-invalid'],
    ['point=plant-1/boiler/state&from=0&to=1&step=1m&agg=avg', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=99999999999999', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&width=0', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&width=99999', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&width=10&step=1s', 400, 'request-invalid'],
  ])('%s is refused with %i', async (query, status, code) => {
    const answer = await hub.get(`/api/v1/readings?${query}`);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, code, action: expect.any(String), title: expect.any(String) });
  });
});

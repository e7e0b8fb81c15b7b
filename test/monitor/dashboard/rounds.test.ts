import { describe, expect, test } from 'vitest';
import { movedUp, withDue, withKind, withPart } from '../../../monitor/dashboard/src/pages/rounds/draft.ts';
import { type Done, Outbox, type WalkStore } from '../../../monitor/dashboard/src/pages/rounds/outbox.ts';
import { qrMatrix, qrPath } from '../../../monitor/dashboard/src/pages/rounds/qr.ts';
import {
  type Item,
  inOrder,
  isAbnormal,
  type Listed,
  makeId,
  missingOf,
  type Round,
  rangeText,
  toNumber,
} from '../../../monitor/dashboard/src/pages/rounds/round.ts';
import { checkResult } from '../../../monitor/rounds/check-result.ts';
import { resultSchema, roundSchema } from '../../../monitor/rounds/round-schema.ts';

const ROUND: Round = {
  name: 'UPS room',
  places: [
    {
      id: 'room',
      name: 'Room',
      items: [
        { id: 'dry', text: 'Dry', kind: 'ok', photo: true },
        { id: 'load', text: 'Load', kind: 'number', unit: '%', min: 10, max: 80 },
        { id: 'noise', text: 'Noise', kind: 'text' },
      ],
    },
  ],
};
const item = (more: Partial<Item>): Item => ({ id: 'a', text: 'A', kind: 'number', ...more });

describe('a walk', () => {
  test.each([
    ['nothing', {}, [], ['dry', 'load', 'noise']],
    ['no photo', { dry: { ok: true }, load: { number: 0 }, noise: { text: 'no' } }, [], ['dry']],
    ['another kind of answer', { dry: { ok: false }, load: { text: '4' }, noise: { text: 'no' } }, ['dry'], ['load']],
    ['all', { dry: { ok: false }, load: { number: 0 }, noise: { text: 'no' } }, ['dry'], []],
  ])('with %s answered', (_, answers, photos, missing) => {
    expect(missingOf(ROUND, answers, new Set(photos)).map(({ id }) => id)).toEqual(missing);
  });

  test.each([
    [{ ok: false }, {}, true],
    [{ ok: true }, {}, false],
    [{ number: 9.9 }, { min: 10 }, true],
    [{ number: 10 }, { min: 10 }, false],
    [{ number: 81 }, { max: 80 }, true],
    [{ number: 80 }, { max: 80 }, false],
    [{}, { min: 10 }, false],
  ])('%j within %j is not in order: %s, as the hub says too', (answer, limits, expected) => {
    expect(isAbnormal(item(limits), answer)).toBe(expected);
    if (!('number' in answer)) return;
    const round = roundSchema.parse({ name: 'R', places: [{ id: 'p', name: 'P', items: [item(limits)] }] });
    const result = resultSchema.parse({
      ...{ id: 'walk-0001', version: 1, startedAt: 1, finishedAt: 2 },
      answers: { a: answer },
    });
    expect(checkResult(round, result).length > 0).toBe(expected);
  });

  test.each([
    ['12.5', 12.5],
    [' −3 ', -3],
    ['.5', 0.5],
    ['0', 0],
    ['', undefined],
    ['12,5', undefined],
    ['1e3', undefined],
    ['-', undefined],
  ])('%j typed is %s', (text, number) => expect(toNumber(text)).toBe(number));

  test('limits as they are read', () => {
    expect(
      [item({ min: 1, max: 5, unit: '°C' }), item({ max: 5 }), item({ min: 1, unit: 'A' }), item({})].map(rangeText),
    ).toEqual(['1 – 5 °C', '≤ 5', '≥ 1 A', undefined]);
  });

  test('an id that the hub takes', () => {
    const ids = Array.from({ length: 100 }, () => makeId('walk'));
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9-]{8,40}$/);
  });

  test('what was missed stands first, what is done last', () => {
    const listed = (id: string, state?: 'done' | 'open' | 'overdue', next = 0) =>
      ({ id, ...(state ? { due: { state, next } } : {}) }) as Listed;
    const list = [listed('done', 'done', 1), listed('later', 'open', 9), listed('soon', 'open', 3), listed('any')];
    expect(inOrder([...list, listed('missed', 'overdue', 20)]).map(({ id }) => id)).toEqual([
      ...['missed', 'soon', 'later', 'any', 'done'],
    ]);
  });
});

describe('the outbox', () => {
  class Memory implements WalkStore {
    readonly held = new Map<string, Done>();
    all = async () => [...this.held.values()];
    put = async (walk: Done) => void this.held.set(walk.id, walk);
    remove = async (id: string) => void this.held.delete(id);
  }

  function setUp(refuse: (id: string) => Error | undefined) {
    const store = new Memory();
    const sent: object[] = [];
    const hub = {
      sendPicture: async () => 'f'.repeat(32),
      sendResult: async (_: string, result: object) => {
        const error = refuse((result as { id: string }).id);
        if (error) throw error;
        sent.push(result);
      },
    };
    const outbox = new Outbox(store, hub, (error) => (error instanceof RangeError ? error.message : undefined));
    return { store, sent, outbox };
  }
  const walk = (id: string, finishedAt: number, more: Partial<Done> = {}): Done => ({
    ...{ id, round: 'r', version: 3, body: ROUND, who: 'kim', startedAt: 1, finishedAt },
    ...{ answers: { dry: { ok: true } }, photos: {} },
    ...more,
  });
  const idsOf = (sent: readonly object[]) => sent.map((result) => (result as { id: string }).id);

  test('sends the oldest first, with its pictures, and forgets what was taken', async () => {
    const { store, sent, outbox } = setUp(() => undefined);
    await store.put(walk('b', 20));
    await store.put(walk('a', 10, { photos: { dry: new Blob(['x']) } }));
    await Promise.all([outbox.send('kim'), outbox.send('kim')]);
    expect(idsOf(sent)).toEqual(['a', 'b']);
    expect(sent[0]).toEqual({
      ...{ id: 'a', version: 3, startedAt: 1, finishedAt: 10 },
      answers: { dry: { ok: true, photo: 'f'.repeat(32) } },
    });
    expect(store.held.size).toBe(0);
  });

  test('without a link everything stays as it is, and goes with the next attempt', async () => {
    let isDown = true;
    const { store, sent, outbox } = setUp(() => (isDown ? new TypeError('no link') : undefined));
    await store.put(walk('a', 10));
    await outbox.send('kim');
    expect([sent, store.held.get('a')?.refused]).toEqual([[], undefined]);
    isDown = false;
    await outbox.send('kim');
    expect([idsOf(sent), store.held.size]).toEqual([['a'], 0]);
  });

  test('what the hub refuses is marked and kept, and holds up nothing', async () => {
    const { store, sent, outbox } = setUp((id) => (id === 'a' ? new RangeError('document-changed') : undefined));
    await store.put(walk('a', 10));
    await store.put(walk('b', 20));
    await outbox.send('kim');
    await outbox.send('kim');
    expect([idsOf(sent), [...store.held.keys()], store.held.get('a')?.refused]).toEqual([
      ['b'],
      ['a'],
      'document-changed',
    ]);
  });

  test('nobody sends what somebody else walked', async () => {
    const { store, sent, outbox } = setUp(() => undefined);
    await store.put(walk('a', 10));
    await outbox.send('lee');
    expect([sent.length, store.held.size]).toEqual([0, 1]);
  });
});

describe('the editor', () => {
  test('what only a number has goes with it', () => {
    const number = item({ min: 1, max: 2, unit: 'A', device: 'g/d' });
    expect(withKind(number, 'ok')).toEqual({ id: 'a', text: 'A', kind: 'ok', device: 'g/d' });
    expect(withKind(number, 'number')).toEqual(number);
  });

  test('due by the week, by the month, or not at all: each as the hub takes it', () => {
    const month = withDue(ROUND, 'month', 'Asia/Seoul');
    const week = withDue(month, 'week', 'Asia/Tokyo');
    expect([month.due?.dayOfMonth, week.due?.dayOfMonth, week.due?.timezone]).toEqual([1, undefined, 'Asia/Seoul']);
    for (const round of [month, week, withDue(week, 'none', 'Asia/Seoul')])
      expect(roundSchema.safeParse(round).success).toBe(true);
    expect('due' in withDue(week, 'none', 'Asia/Seoul')).toBe(false);
  });

  test('parts are changed, taken out and moved', () => {
    const list = ['a', 'b', 'c'];
    expect([withPart(list, 1, 'x'), withPart(list, 1, undefined)]).toEqual([
      ['a', 'x', 'c'],
      ['a', 'c'],
    ]);
    expect([movedUp(list, 2), movedUp(list, 0), movedUp(list, 3)]).toEqual([['a', 'c', 'b'], list, list]);
  });
});

describe('QR codes', () => {
  test.each([
    [10, 21],
    [26, 25],
    [40, 29],
    [180, 53],
    // Counted in bytes, not in characters: three for each of Hangul.
    ['가'.repeat(60), 53],
  ])('%s take the smallest square', (given, side) => {
    const matrix = qrMatrix(typeof given === 'string' ? given : 'x'.repeat(given)) ?? [];
    expect([matrix.length, matrix[0]?.length]).toEqual([side, side]);
    // The finders, by which a reader knows how it is held.
    for (const [x, y] of [
      [3, 3],
      [side - 4, 3],
      [3, side - 4],
    ] as const)
      expect(matrix[y]?.[x]).toBe(true);
  });

  test('one byte too many, and the path', () => {
    expect(qrMatrix('x'.repeat(2331))).toHaveLength(177);
    expect(qrMatrix('x'.repeat(2332))).toBeUndefined();
    expect(
      qrPath([
        [true, false],
        [false, true],
      ]),
    ).toBe('M0 0h1v1h-1zM1 1h1v1h-1z');
  });
});

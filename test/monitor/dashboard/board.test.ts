import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { begin, change, type History, redo, undo } from '../../../monitor/dashboard/src/kit/history.ts';
import {
  addTile,
  type Board,
  type Content,
  emptyBoard,
  putTile,
  removeTile,
  titled,
} from '../../../monitor/dashboard/src/pages/board/board.ts';
import { freePlace, inReadingOrder, overlaps, put } from '../../../monitor/dashboard/src/pages/board/grid.ts';
import { linePath, spanOf } from '../../../monitor/dashboard/src/pages/board/trend-lines.ts';
import { newDocumentId } from '../../../monitor/dashboard/src/pages/documents/document-api.ts';
import { parseFile } from '../../../monitor/dashboard/src/pages/documents/files.ts';
import { reasonOf, unfitPicture } from '../../../monitor/dashboard/src/pages/documents/picture-check.ts';
import { boardSchema } from '../../../monitor/documents/board.ts';
import { checkPicture } from '../../../monitor/documents/picture.ts';

const contents: fc.Arbitrary<Content> = fc.constantFrom<Content>(
  { kind: 'value', point: 'g/d/p' },
  { kind: 'gauge', point: 'g/d/p', from: 0, to: 9 },
  { kind: 'trend', points: ['g/d/p'], range: '24h' },
  { kind: 'table', points: ['g/d/p'] },
  { kind: 'alarms' },
  { kind: 'picture', picture: '0'.repeat(32) },
  { kind: 'text', text: '' },
);
const anywhere = fc.record({
  x: fc.integer({ min: -5, max: 20 }),
  y: fc.integer({ min: -5, max: 30 }),
  width: fc.integer({ min: -2, max: 30 }),
  height: fc.integer({ min: -2, max: 30 }),
});
type Step = (board: Board) => Board;
const step: fc.Arbitrary<Step> = fc.oneof(
  contents.map(
    (content): Step =>
      (board) =>
        addTile(board, content).board,
  ),
  fc.tuple(fc.nat(), anywhere).map(
    ([index, place]): Step =>
      (board) => {
        const tile = board.tiles[index % Math.max(1, board.tiles.length)];
        return tile ? putTile(board, tile.id, place) : board;
      },
  ),
  fc.nat().map(
    (index): Step =>
      (board) => {
        const tile = board.tiles[index % Math.max(1, board.tiles.length)];
        return tile ? removeTile(board, tile.id) : board;
      },
  ),
);

describe('a board that is arranged', () => {
  test('is at every step one that the hub takes, unchanged: no tile covers another or leaves the grid', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let board = emptyBoard('Mine');
        for (const each of steps) {
          board = each(board);
          expect(boardSchema.parse(board)).toEqual(board);
        }
      }),
    );
  });

  const tile = (id: string, x: number, y: number, width = 4, height = 2) => ({ id, x, y, width, height });

  test('what is in the way goes down, what is not stays', () => {
    const tiles = [tile('a', 0, 0), tile('b', 4, 0), tile('c', 4, 2), tile('d', 8, 0)];
    const moved = put(tiles, 'a', { ...tile('a', 5, 0), width: 2 });
    expect(moved.map(({ id, x, y, width }) => [id, x, y, width])).toEqual([
      ['a', 5, 0, 2],
      ['b', 4, 2, 4],
      ['c', 4, 4, 4],
      ['d', 8, 0, 4],
    ]);
  });

  test('where there is no room left below nothing moves', () => {
    const tiles = [tile('a', 0, 0), tile('b', 0, 200)];
    expect(put(tiles, 'a', tile('a', 0, 200))).toBe(tiles);
  });

  test('a new tile takes the first free place', () => {
    expect(freePlace([], 3, 2)).toMatchObject({ x: 0, y: 0 });
    expect(freePlace([tile('a', 0, 0), tile('b', 6, 0)], 3, 2)).toMatchObject({ x: 0, y: 2 });
    expect(freePlace([tile('a', 0, 0), tile('b', 7, 0)], 3, 2)).toMatchObject({ x: 4, y: 0 });
    expect(overlaps(tile('a', 0, 0), tile('b', 4, 0)), 'edge to edge').toBe(false);
  });

  test('on a phone it is read in rows; a title that is emptied is gone', () => {
    expect(inReadingOrder([tile('c', 0, 2), tile('b', 6, 0), tile('a', 0, 0)]).map(({ id }) => id)).toEqual([
      'a',
      'b',
      'c',
    ]);
    const named = titled({ ...tile('a', 0, 0), kind: 'text', text: '' }, 'X');
    expect(named.title).toBe('X');
    expect('title' in titled(named, ' ')).toBe(false);
  });
});

describe('going back and forth', () => {
  test('leads to what was, and a new change ends what was undone', () => {
    let history = begin(0);
    history = change(change(history, 1), 2);
    expect(undo(undo(history)).present).toBe(0);
    expect(redo(undo(history)).present).toBe(2);
    expect(change(undo(history), 9).future).toEqual([]);
    expect(
      [undo(begin(0)), redo(begin(0))].map(({ present }) => present),
      'nothing to go to',
    ).toEqual([0, 0]);
  });

  test('changes of one key in a row are one step, until something else happened', () => {
    let history: History<number> = begin(0);
    for (const value of [1, 2, 3]) history = change(history, value, 'drag 1');
    history = change(history, 4, 'drag 2');
    expect(undo(history).present).toBe(3);
    expect(undo(undo(history)).present).toBe(0);
    expect(undo(change(undo(history), 5, 'drag 2')).present, 'after an undo').toBe(3);
  });

  test('as many redos as undos change nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.option(fc.constantFrom('a', 'b'), { nil: undefined }))),
        fc.nat(30),
        (changes, times) => {
          const history = changes.reduce((held, [value, key]) => change(held, { value }, key), begin({ value: -1 }));
          const count = Math.min(times, history.past.length);
          let walked = history;
          for (let i = 0; i < count; i++) walked = undo(walked);
          for (let i = 0; i < count; i++) walked = redo(walked);
          expect([walked.past, walked.present, walked.future]).toEqual([history.past, history.present, history.future]);
        },
      ),
    );
  });
});

describe('a trend on a tile', () => {
  const size = { width: 100, height: 10 };

  test('is open where nothing was read, and at a fault', () => {
    const rows = [0, 10, 20, 24, 60, 70].map((at) => ({ at, value: at === 20 ? null : 5 }));
    const path = linePath(rows, { from: 0, to: 100 }, { low: 0, high: 10 }, 15, size);
    expect(path).toBe('M0.0 5.0h.01L10.0 5.0M24.0 5.0h.01M60.0 5.0h.01L70.0 5.0');
  });

  test('has a span only if there is a value; a flat line has one too', () => {
    const line = (value: number | null) => ({ point: {} as never, rows: [{ at: 0, value }] });
    expect(spanOf([line(null)])).toBeUndefined();
    expect(spanOf([line(0)])).toEqual({ low: -0.5, high: 0.5 });
    expect(spanOf([line(0), line(100)])).toEqual({ low: -8, high: 108 });
  });
});

describe('documents', () => {
  test('a new one has an id from its name that is free', () => {
    expect(newDocumentId('2nd floor (east)', 'floor-plan', [])).toBe('2nd-floor-east');
    expect(newDocumentId('전산실', 'floor-plan', ['floor-plan', 'floor-plan-2'])).toBe('floor-plan-3');
    fc.assert(
      fc.property(fc.string(), (name) =>
        /^[a-z0-9][a-z0-9-]{0,39}$/.test(newDocumentId(name, 'board', ['a', 'board'])),
      ),
    );
  });

  test('a file that is no JSON object is none', () => {
    expect(['', '[1]', 'null', '{', '7'].map(parseFile)).toEqual(Array(5).fill(undefined));
    expect(parseFile('{"name":"A"}')).toEqual({ name: 'A' });
  });

  test('a picture is refused before it is sent where the reason is known', () => {
    const large = { size: 20 * 1024 * 1024, type: 'image/png' };
    expect(unfitPicture(large)).toEqual({ why: 'large', megabytes: '20.0' });
    expect(unfitPicture({ size: 9, type: 'application/pdf' })).toEqual({ why: 'type' });
    expect(unfitPicture({ size: 9, type: 'image/svg+xml' })).toBeUndefined();
  });

  test('what the hub says of a picture has words of the page', () => {
    const refusal = (bytes: string) => {
      try {
        return checkPicture(Buffer.from(bytes)).id;
      } catch (error) {
        return (error as Error).message.replace(/^.*?: /, '');
      }
    };
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"';
    const given = ['<svg', `${svg}/>`, 'no picture'].map((bytes) => reasonOf(refusal(bytes)));
    expect(given).toEqual(['svg', 'unsized', 'damaged']);
    expect(reasonOf(refusal(`${svg} viewBox="0 0 9 9"/>`))).toBeUndefined();
  });
});

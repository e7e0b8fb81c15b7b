import { expect, test } from 'vitest';
import { AlarmBoard } from '../../gateway/alarms/alarm-board.ts';
import type { RecordPlace } from '../../gateway/journal/writer.ts';
import { journalFolder, RunningJournal, removeFolder } from '../support/journal-home.ts';

const alarm = (active: boolean, rule = 'hot') => ({ at: 1, device: 'boiler', rule, point: 'temp', active });
const at = (seq: number) => ({ epoch: 'a'.repeat(32), seq });

test('an end bears the name of what it ends; a new raising is another occurrence', () => {
  const board = new AlarmBoard();
  board.note(at(4), alarm(true));
  board.note(at(6), alarm(true, 'dry'));
  board.note(at(9), alarm(false));
  board.note(at(12), alarm(true));
  expect(board.list()).toEqual([
    { ...alarm(false), occurrence: at(4), changed: at(9) },
    { ...alarm(true, 'dry'), occurrence: at(6) },
    { ...alarm(true), occurrence: at(12) },
  ]);
});

test('active once more is the same occurrence: it changes what is suppressed, and nothing else', () => {
  const board = new AlarmBoard();
  board.note(at(4), { ...alarm(true), value: 1, suppressed: true });
  board.note(at(7), { ...alarm(true), at: 9, value: 2 });
  expect(board.list()).toEqual([{ ...alarm(true), value: 1, occurrence: at(4), changed: at(7) }]);
  board.note(at(8), { ...alarm(true), suppressed: true });
  expect(board.list()).toEqual([{ ...alarm(true), value: 1, suppressed: true, occurrence: at(4), changed: at(8) }]);
});

test('the end of an alarm that nobody saw begin is not told', () => {
  const board = new AlarmBoard();
  board.note(at(4), alarm(false));
  expect(board.list()).toEqual([]);
});

test('the journal tells the number under which an event is on the disk', async () => {
  const folder = await journalFolder();
  const running = await RunningJournal.open(folder);
  const { journal } = running;
  const begin = journal.next;
  const places: RecordPlace[] = [];
  const onNumber = (place: RecordPlace) => places.push(place);
  const event = { event: 'device' as const, at: 1, device: 'boiler', online: true };
  journal.reading(0, 1, { quality: 'good', value: 1 });
  journal.reading(1, 1, { quality: 'good', value: 1 });
  journal.event(event, { onNumber });
  journal.event(event);
  journal.event(event, { onNumber });
  expect(places).toEqual([]);
  await journal.flush();
  expect(places).toEqual([begin + 2, begin + 4].map((seq) => ({ epoch: journal.epoch, seq })));
  await running.close();
  await removeFolder(folder);
});

import { expect, test } from 'vitest';
import { Contest } from '../../cloud-sync/cloud-hub/contest.ts';

/** Says hello and, if that is not refused, begins a session. */
function hello(contest: Contest, process: string, seconds: number): boolean {
  const ticks = seconds * 1000;
  if (contest.isRival(process, ticks)) return false;
  contest.held(process, ticks);
  return true;
}

test('two that take the name from each other are told apart: the first keeps it', () => {
  const contest = new Contest();
  const admitted = ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'].map((process, at) => hello(contest, process, at * 2));
  expect(admitted).toEqual([true, true, true, true, true, false, true, false]);
  // Its next try, a minute later, is refused at once as long as the first is heard.
  contest.heard(70_000);
  expect(hello(contest, 'b', 80)).toBe(false);
  expect(contest.isHeldByOther('b', 80_000)).toBe(true);
  // The first is gone.
  expect(hello(contest, 'b', 200)).toBe(true);
});

test('one that starts again and again, and one whose link flaps, are nobody else', () => {
  const contest = new Contest();
  for (let start = 0; start < 50; start++) expect(hello(contest, `start-${start}`, start)).toBe(true);
  const flapping = new Contest();
  for (let link = 0; link < 50; link++) expect(hello(flapping, 'same', link)).toBe(true);
});

test('returns that are far apart are no contest', () => {
  const contest = new Contest();
  for (let turn = 0; turn < 20; turn++) expect(hello(contest, turn % 2 ? 'a' : 'b', turn * 40)).toBe(true);
});

test('a name is free 90 s after its holder was last heard', () => {
  const contest = new Contest();
  contest.held('a', 0);
  contest.heard(10_000);
  expect(contest.isHeldByOther('b', 99_000)).toBe(true);
  expect(contest.isHeldByOther('a', 99_000)).toBe(false);
  expect(contest.isHeldByOther('b', 100_000)).toBe(false);
});

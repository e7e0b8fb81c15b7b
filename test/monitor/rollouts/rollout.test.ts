import { describe, expect, test } from 'vitest';
import { type Member, nextSteps, type Rollout, type Seen } from '../../../monitor/rollouts/rollout.ts';

const member = (gateway: string, ring: number, more: Partial<Member> = {}): Member => ({
  ...{ gateway, ring, state: 'waiting', since: 0 },
  ...more,
});
const rollout = (members: readonly Member[], more: Partial<Rollout> = {}): Rollout => ({
  ...{ id: 1, name: 'r', group: 'g', change: '', rings: ['1'], soakMs: 1000, tolerance: 0, whenAway: 'wait' },
  ...{ by: 'kim', madeAt: 0, state: 'running', since: 0, why: null, members },
  ...more,
});
const WELL: Seen = { phase: 'applied', version: 3, awayMs: undefined, down: [] };
const AWAY: Seen = { ...WELL, awayMs: 1 };
const given = { version: 3, was: 2, down: ['old'] };
/** `what:gateway` of each step, with the state that it is marked with, and why. */
const steps = (asked: Rollout, seen: Partial<Seen> | Record<string, Partial<Seen>> = {}, now = 5000) => {
  const see = (gateway: string): Seen => ({ ...WELL, ...seen, ...(seen as Record<string, Seen>)[gateway] });
  return nextSteps(asked, see, now).map((step) => {
    if (step.step === 'turn') return `${step.to} ${step.why ?? ''}`.trim();
    if (step.step !== 'mark') return `${step.step} ${step.member.gateway}`;
    return [step.member.gateway, step.to.state, step.to.reason, step.to.detail].filter(Boolean).join(' ');
  });
};

describe('what comes next in a rollout', () => {
  const two = [member('a', 0), member('b', 1), member('c', 1)];
  const sent = (more: Partial<Member> = {}) => [member('a', 0, { state: 'sent', ...given, ...more }), member('b', 1)];
  const soaking = sent({ state: 'soaking', since: 4500 });

  test.each<[string, Rollout, Partial<Seen> | Record<string, Partial<Seen>>, string[]]>([
    ['the first ring begins', rollout(two), {}, ['send a']],
    ['a gateway that is away is waited for', rollout(two), { a: AWAY }, []],
    ['or skipped', rollout(two, { whenAway: 'skip' }), { a: AWAY }, ['a skipped']],
    ['the next ring waits for the confirmation', rollout(sent()), { phase: 'trial' }, []],
    ['which begins the time for watching', rollout(sent()), {}, ['a soaking']],
    ['in which nothing goes on', rollout(soaking), {}, []],
    ['until it is over', rollout(sent({ state: 'soaking', since: 4000 })), {}, ['a good']],
    ['then the next ring', rollout(sent({ state: 'good' })), {}, ['send b']],
    ['whoever is away is not good', rollout(sent({ state: 'soaking', since: 0 })), { a: AWAY }, []],
    ['refused', rollout(sent()), { phase: 'refused' }, ['a failed refused']],
    ['returned', rollout(sent()), { phase: 'returned' }, ['a failed returned']],
    ['away for long', rollout(sent()), { a: { awayMs: 60_001 } }, ['a failed away']],
    ['away for long while it is watched', rollout(soaking), { a: { awayMs: 60_001 } }, ['a failed away']],
    ['a device is down that was not', rollout(soaking), { down: ['old', 'new'] }, ['a failed down new']],
    ['one that was down before is none of ours', rollout(soaking), { down: ['old'] }, []],
    ['somebody saved another one', rollout(soaking), { version: 4 }, ['a failed replaced']],
    [
      'its own file owns it now',
      rollout(sent()),
      { phase: 'file' },
      ['a failed unfit its own file owns its lines and devices now'],
    ],
    ['a failure halts it', rollout(sent({ state: 'failed' })), {}, ['halted failures']],
    ['unless so many are tolerated', rollout(sent({ state: 'failed' }), { tolerance: 1 }), {}, ['send b']],
    ['or somebody went on in spite of it', rollout(sent({ state: 'failed', isAccepted: true })), {}, ['send b']],
    ['paused it sends nothing', rollout(two, { state: 'paused' }), {}, []],
    ['but looks on', rollout(sent(), { state: 'paused' }), {}, ['a soaking']],
    ['halted too', rollout(sent(), { state: 'halted', why: 'failures' }), {}, ['a soaking']],
    ['all are over', rollout([member('a', 0, { state: 'good' }), member('b', 0, { state: 'same' })]), {}, ['done']],
  ])('%s', (_, asked, seen, expected) => expect(steps(asked, seen)).toEqual(expected));

  test('it takes back what it gave, and nothing else', () => {
    const members = [
      ...[member('a', 0, { state: 'good', ...given }), member('b', 0, { state: 'failed', ...given })],
      ...[member('c', 0, { state: 'failed', reason: 'unfit' }), member('d', 1), member('e', 1, { state: 'same' })],
    ];
    expect(steps(rollout(members, { state: 'reverting' }))).toEqual(['revert a', 'revert b']);
  });

  test('taking back is over when each gateway has confirmed, or is away for long', () => {
    const back = rollout([member('a', 0, { state: 'reverting', ...given })], { state: 'reverting' });
    expect(steps(back, { phase: 'wanted', awayMs: 60_000 })).toEqual([]);
    expect(steps(back, { phase: 'wanted', awayMs: 60_001 })).toEqual(['a kept later']);
    expect(steps(back, { phase: 'file' })).toEqual(['a kept unfit its own file owns its lines and devices now']);
    expect(steps(back)).toEqual(['a reverted']);
    expect(steps(back, { phase: 'returned' })).toEqual(['a kept returned']);
    expect(steps(back, { version: 9 })).toEqual(['a kept replaced']);
    expect(steps(rollout([member('a', 0, { state: 'reverted' })], { state: 'reverting' }))).toEqual(['reverted']);
  });
});

import { Fault } from '../../core/faults.ts';
import type { Answer, Result, Round, RoundItem } from './round-schema.ts';

/** Ids of the items that are not in order. Throws Fault request-invalid with all that is missing or does not fit. */
export function checkResult({ places }: Round, { answers, startedAt, finishedAt }: Result): readonly string[] {
  const items = places.flatMap((place) => place.items);
  const problems = items.flatMap((item) => problemsOf(item, answers[item.id]));
  const known = new Set(items.map(({ id }) => id));
  for (const id of Object.keys(answers)) if (!known.has(id)) problems.push(`${id}: the round does not ask for this`);
  if (finishedAt < startedAt) problems.push('finishedAt: before it began');
  if (problems.length > 0) throw new Fault('request-invalid', problems.slice(0, 20).join('; '));
  return items.filter((item) => isAbnormal(item, answers[item.id])).map(({ id }) => id);
}

const FIELD = { ok: 'ok', number: 'number', text: 'text' } as const;

function problemsOf({ id, kind, photo }: RoundItem, answer: Answer | undefined): string[] {
  if (answer === undefined) return [`${id}: is missing`];
  const problems: string[] = [];
  if (answer[FIELD[kind]] === undefined) problems.push(`${id}.${FIELD[kind]}: is missing`);
  for (const other of ['ok', 'number', 'text'] as const) {
    if (other !== FIELD[kind] && answer[other] !== undefined) problems.push(`${id}.${other}: a ${kind} is asked for`);
  }
  if (photo && answer.photo === undefined) problems.push(`${id}.photo: is missing`);
  return problems;
}

/** A value beyond its limits is kept as it was read: that is what the round is for. */
function isAbnormal({ min, max }: RoundItem, answer: Answer | undefined): boolean {
  if (answer?.ok === false) return true;
  const { number } = answer ?? {};
  return (
    number !== undefined && (number < (min ?? Number.NEGATIVE_INFINITY) || number > (max ?? Number.POSITIVE_INFINITY))
  );
}

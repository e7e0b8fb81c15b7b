import type { Refusals, RegisterRange } from '../../devices/driver.ts';

/** What the device said to a request that was asked to find out. */
export type Verdict = 'answered' | 'refused' | 'unclear';

/** What a device turned out to refuse. */
export interface Found {
  /** Refused by themselves. */
  readonly ranges: readonly RegisterRange[];
  /** A block is refused although every part of it is answered: the device takes no longer ones than this. */
  readonly longest?: RegisterRange;
}

/**
 * Takes a refused request apart until what is refused stands alone: about 2 x log2(n) requests for one register of n. Undefined if
 * the device did not say yes or no to all of them: nothing is learnt from silence.
 */
export async function isolate<Request>(
  refused: Request,
  { halves, range }: Refusals<Request>,
  ask: (request: Request) => Promise<Verdict>,
): Promise<Found | undefined> {
  const parts = halves(refused);
  if (parts === undefined) return { ranges: [range(refused)] };
  const ranges: RegisterRange[] = [];
  let longest: RegisterRange | undefined;
  for (const part of parts) {
    const verdict = await ask(part);
    if (verdict === 'unclear') return undefined;
    if (verdict === 'answered') continue;
    const found = await isolate(part, { halves, range }, ask);
    if (found === undefined) return undefined;
    ranges.push(...found.ranges);
    longest = shorter(longest, found.longest);
  }
  if (ranges.length === 0 && longest === undefined) {
    // A refusal that is over by now says nothing about lengths.
    const verdict = await ask(refused);
    if (verdict === 'unclear') return undefined;
    if (verdict === 'refused') longest = parts.map(range).reduce(longer);
  }
  return { ranges, ...(longest === undefined ? {} : { longest }) };
}

const lengthOf = ({ from, to }: RegisterRange) => to - from + 1;

function longer(one: RegisterRange, other: RegisterRange): RegisterRange {
  return lengthOf(one) >= lengthOf(other) ? one : other;
}

function shorter(one: RegisterRange | undefined, other: RegisterRange | undefined): RegisterRange | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return lengthOf(one) <= lengthOf(other) ? one : other;
}

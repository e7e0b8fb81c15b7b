import type { Gap } from '../protocol/messages.ts';

/** The schema's bound. */
const MOST_GAPS = 1000;
/** Points named in all gaps together: a hello must stay far below the broker's bound, or nothing is ever sent again. */
const MOST_POINTS = 20_000;

/** The oldest losses, which come first; their counts per point as far as there is room. */
export function briefGaps(gaps: readonly Gap[]): Gap[] {
  let room = MOST_POINTS;
  return gaps.slice(0, MOST_GAPS).map((gap) => {
    const { points, ...rest } = gap;
    room -= Object.keys(points ?? {}).length;
    return room < 0 ? rest : gap;
  });
}

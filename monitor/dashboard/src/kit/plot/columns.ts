import uPlot from 'uplot';
import { openGaps, type TrendData } from './trend-data.ts';

export interface ShownLine {
  readonly data: TrendData;
  readonly compared?: TrendData | undefined;
  /** The distance beyond which two readings are not joined. */
  readonly gapMs: number;
}

/** Of each line: value, lowest, highest and what it is compared with. */
export const COLUMNS = 4;

/** The library's way to say that a gap goes on at the instants of other lines. */
const EXPAND: uPlot.JoinNullMode = 2;

/**
 * All lines on one row of instants. `null` breaks a line, what a line has nothing of is undefined: it is drawn on to its next value,
 * unless a gap lies between.
 */
export function columnsOf(lines: readonly ShownLine[]): uPlot.AlignedData {
  const tables = lines.flatMap(({ data, compared, gapMs }) => {
    const open = openGaps(data, gapMs);
    const other = compared ? openGaps(compared, gapMs) : { at: [], value: [] };
    const spread = data.low ? [[...(open.low ?? [])], [...(open.high ?? [])]] : [];
    return [
      [secondsOf(open.at), [...open.value], ...spread],
      [secondsOf(other.at), [...other.value]],
    ];
  });
  const modes = tables.map((table) => table.map(() => EXPAND));
  const joined = uPlot.join(tables as unknown as uPlot.AlignedData[], modes);
  const none = (joined[0] as number[]).map(() => undefined);
  let next = 1;
  const columns = lines.flatMap(({ data }) => {
    const value = joined[next++];
    const [low, high] = data.low ? [joined[next++], joined[next++]] : [none, none];
    return [value, low, high, joined[next++]];
  });
  return [joined[0], ...columns] as unknown as uPlot.AlignedData;
}

function secondsOf(at: readonly number[]): number[] {
  return at.map((ms) => ms / 1000);
}

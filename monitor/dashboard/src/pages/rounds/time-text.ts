import { formatTime } from '../../data/format.ts';

/** To the minute, where the reader is: who walks a round is there. */
export function timeText(at: number): string {
  return formatTime(at, Intl.DateTimeFormat().resolvedOptions().timeZone).slice(0, -3);
}

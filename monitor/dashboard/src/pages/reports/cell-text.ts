import { formatTime } from '../../data/format.ts';
import type { Cell, Column, Report } from './report.ts';

const MINUTE = 60_000;
const UNITS = { ko: ['일', '시간', '분', '초'], en: [' d', ' h', ' min', ' s'] } as const;

/** A cell as people read it, in the language of its report. */
export function cellText(value: Cell, { kind, decimals = 1 }: Column, report: Report): string {
  if (value === null) return report.unknown;
  if (typeof value === 'string') return value;
  if (kind === 'time') return formatTime(value, report.timezone).slice(0, 16);
  if (kind === 'duration') return durationText(value, report.language);
  return kind === 'share' ? `${numberText(100 * value, 1)} %` : numberText(value, decimals);
}

export function numberText(value: number, decimals: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** The two largest units that say something. */
function durationText(ms: number, language: Report['language']): string {
  const [d, h, m, s] = UNITS[language];
  if (ms < MINUTE) return `${Math.round(ms / 1000)}${s}`;
  const minutes = Math.round(ms / MINUTE);
  const parts = [
    [Math.floor(minutes / 1440), d],
    [Math.floor(minutes / 60) % 24, h],
    [minutes % 60, m],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}

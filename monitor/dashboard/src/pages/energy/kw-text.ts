import { formatNumber, formatTime } from '../../data/format.ts';

/** A figure nobody knows is a dash, never a zero. */
export function kwText(kw: number | null | undefined): string {
  if (kw == null) return '–';
  if (kw === 0) return '0';
  return formatNumber(kw, Math.abs(kw) < 10 ? 2 : Math.abs(kw) < 1000 ? 1 : 0);
}

/** `14:15` */
export function clockText(at: number, zone: string): string {
  return formatTime(at, zone, 'time').slice(0, 5);
}

import { dateOf } from '../../data/clock.ts';
import { locale } from '../../data/i18n.ts';

/** `Mon 21`, `21 (월)`: as people of the language write it, short. */
export function weekday(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat(locale.value, { timeZone: zone, weekday: 'short', day: 'numeric' });
  const parts = Object.fromEntries(format.formatToParts(dateOf(at)).map(({ type, value }) => [type, value]));
  return `${parts.weekday ?? ''} ${parts.day ?? ''}`;
}

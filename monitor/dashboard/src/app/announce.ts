import { effect, signal } from '@preact/signals';
import { attention, knowsAlarms } from '../data/alarm-store.ts';
import { t, titleOf } from '../data/i18n.ts';
import { NewAlarms } from './new-alarms.ts';
import { soundFor } from './sound.ts';

/** What a screen reader says of new alarms. */
export const announced = signal({ polite: '', assertive: '' });

export function announceAlarms(): () => void {
  const seen = new NewAlarms();
  return effect(() => {
    const fresh = seen.take(attention.value, knowsAlarms.value);
    if (fresh.length === 0) return;
    soundFor(fresh);
    const textOf = (isCritical: boolean) =>
      fresh
        .filter(({ priority }) => (priority === 'critical') === isCritical)
        .map(({ text, rule }) => titleOf(text, rule))
        .join(', ');
    const say = (texts: string) => (texts === '' ? '' : t('alarms.new', { texts }));
    announced.value = { polite: say(textOf(false)), assertive: say(textOf(true)) };
  });
}

import type { Alarm } from '../../data/api.ts';
import { presentOf } from '../../data/present.ts';
import { lastOf, points } from '../../data/store.ts';
import { ta } from './alarm-texts.ts';

/** Beside what raised it: what it is at this moment, or was when it was last read, as long as anybody still has to care. */
export function nowOf({ gateway, device, point, active, latched, acknowledged }: Alarm) {
  const shown = points.value?.find(({ id }) => id === `${gateway}/${device}/${point}`);
  if (shown === undefined || shown.kind !== 'number' || (!active && !latched && acknowledged)) return undefined;
  if (lastOf(shown.id).value?.value == null) return undefined;
  const { text, isNow, ago } = presentOf(shown);
  return { text: isNow ? ta('now', { value: text }) : ta('last', { value: text, ago }), isNow };
}

import { t } from '../../data/i18n.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { Mark } from '../../kit/mark.tsx';
import { STATE_MARK } from '../../kit/state-mark.ts';
import type { Look } from './look.ts';

/** The shape of what is worst: an alarm, else how far the value can be trusted, else a quiet circle. */
export function Sign({ state, priority }: Pick<Look, 'state' | 'priority'>) {
  if (priority) return <AlarmToken priority={priority} label={t(`priority.${priority}`)} />;
  if (state === 'unknown') return <Mark shape="ring" tone="stale" />;
  const mark = STATE_MARK[state];
  return mark ? <Mark shape={mark[0]} tone={mark[1]} /> : <Mark shape="circle" tone="quiet" />;
}

/** Hatched: there is no value that is true now. */
export function isHatched({ state }: Pick<Look, 'state'>): boolean {
  return state === 'bad' || state === 'stale' || state === 'empty' || state === 'unknown';
}

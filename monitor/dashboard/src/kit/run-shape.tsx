import { t } from '../data/i18n.ts';

/** Filled: runs; hollow: stands; never green and red. */
export function RunShape({ isRunning }: { readonly isRunning: boolean }) {
  return (
    <span class="run">
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <circle cx="10" cy="10" r="7.500" class={isRunning ? 'filled' : 'hollow'} />
      </svg>
      {t(isRunning ? 'running' : 'stopped')}
    </span>
  );
}

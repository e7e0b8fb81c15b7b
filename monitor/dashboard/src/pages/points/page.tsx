import './gateways.css';
import './points.css';
import './small-screens.css';
import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect } from 'preact/hooks';
import { points } from '../../data/store.ts';
import { Gateways } from './gateways.tsx';
import { closeTrend, place } from './place.ts';
import { Points } from './point-list.tsx';

/** The chart's library is fetched when the first trend is opened. */
const trend = signal<FunctionComponent<{ readonly point: string }> | undefined>(undefined);

/** Every point with its value, the gateways beside them, and the history of the one that is chosen. */
export function PointsPage() {
  const { point } = place.value;
  const isOpen = point !== undefined;
  useEffect(() => {
    if (isOpen && !trend.peek()) void fetchTrend();
  }, [isOpen]);
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const Trend = trend.value;
  const known = isOpen && points.value?.some(({ id }) => id === point);
  return (
    <div class={known ? 'layout with-trend' : 'layout'}>
      <Gateways />
      <Points />
      {known && Trend ? <Trend key={point} point={point} /> : null}
    </div>
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.key === 'Escape' && place.value.point !== undefined) closeTrend();
}

async function fetchTrend(): Promise<void> {
  const { Trend } = await import('./trend.tsx');
  trend.value = Trend;
}

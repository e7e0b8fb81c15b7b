import { loadAttention } from './alarm-store.ts';
import type { Last } from './api.ts';
import { after, browserNow } from './clock.ts';
import { connection, loadAll, loadGateways, loadPoints, noteReading } from './store.ts';

export interface LiveReading extends Last {
  readonly point: string;
}

export interface Filled {
  readonly point: string;
  readonly from: number;
  readonly to: number;
}

const readingListeners = new Set<(reading: LiveReading) => void>();
const filledListeners = new Set<(filled: Filled) => void>();

/** For the trend that is open. */
export function onReading(listener: (reading: LiveReading) => void): () => void {
  readingListeners.add(listener);
  return () => readingListeners.delete(listener);
}

export function onFilled(listener: (filled: Filled) => void): () => void {
  filledListeners.add(listener);
  return () => filledListeners.delete(listener);
}

const RETRY_MS = 3000;
const RELOAD_MS = 1000;
/** The stream batches already; an alarm is on the screen well within a second. */
const ALARM_RELOAD_MS = 100;

/** One stream for the page. The browser resumes it by itself; only a refusal ends it. */
export function startLive(): () => void {
  let source: EventSource | undefined;
  let stopRetry = () => {};
  const open = () => {
    source = new EventSource('/api/v1/stream?alarms=1');
    listen(source, () => {
      stopRetry = after(RETRY_MS, () => void retry());
    });
  };
  const retry = async () => {
    try {
      await loadAll();
      open();
    } catch {
      stopRetry = after(RETRY_MS, () => void retry());
    }
  };
  open();
  return () => {
    stopRetry();
    source?.close();
  };
}

function listen(source: EventSource, refused: () => void): void {
  const gatewaysSoon = soon(loadGateways);
  const pointsSoon = soon(loadPoints);
  const alarmsSoon = soon(loadAttention, ALARM_RELOAD_MS);
  source.addEventListener('alarm', alarmsSoon);
  source.onerror = () => {
    if (connection.value.state !== 'lost') connection.value = { state: 'lost', since: browserNow() };
    if (source.readyState === EventSource.CLOSED) refused();
  };
  const begin = () => {
    connection.value = { state: 'live' };
  };
  source.addEventListener('hello', begin);
  source.addEventListener('reset', () => {
    begin();
    void loadAll();
    for (const listener of filledListeners) listener({ point: '*', from: 0, to: browserNow() });
  });
  source.addEventListener('reading', (event) => {
    for (const reading of JSON.parse(event.data) as LiveReading[]) {
      noteReading(reading.point, reading);
      for (const listener of readingListeners) listener(reading);
    }
  });
  source.addEventListener('filled', (event) => {
    for (const filled of JSON.parse(event.data) as Filled[]) {
      for (const listener of filledListeners) listener(filled);
    }
  });
  source.addEventListener('gateway', (event) => {
    gatewaysSoon();
    if ((JSON.parse(event.data) as { catalogue: boolean }).catalogue) pointsSoon();
  });
}

/** Many signs of one change ask once. */
function soon(load: () => Promise<void>, ms = RELOAD_MS): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    after(ms, () => {
      waiting = false;
      load().catch(() => {});
    });
  };
}

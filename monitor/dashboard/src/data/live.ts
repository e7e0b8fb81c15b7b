import { batch } from '@preact/signals';
import { loadAttention } from './alarm-store.ts';
import { ask, type Last, Refusal } from './api.ts';
import { after, browserNow, every } from './clock.ts';
import { connection, leave, loadAll, loadGateways, loadPoints, noteReading } from './store.ts';

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
/** The hub says something at least each second: silence beyond this is a lost connection, though the line may look open. */
const SILENT_MS = 2000;
const LOOK_MS = 250;
/** Nor does a browser let a page look more than once a second while nobody sees it. */
const STALLED_MS = 1500;
/** A line that stays silent this long is given up, and another is opened. */
const DEAD_MS = 9000;
const PROBE_MS = 4000;
const RELOAD_MS = 1000;
/** The page has been drawn by then, also on a slow phone. */
const MISSED_MS = 3000;
/** The stream batches already; an alarm is on the screen well within a second. */
const ALARM_RELOAD_MS = 100;

/** One stream for the page. The browser resumes it by itself; only a refusal ends it. */
export function startLive(): () => void {
  let source: EventSource | undefined;
  let stopRetry = () => {};
  const open = () => {
    source = new EventSource('/api/v1/stream?alarms=1&beats=1');
    listen(source, again);
  };
  const again = () => {
    source?.close();
    stopRetry();
    stopRetry = after(RETRY_MS, () => void retry());
  };
  const retry = async () => {
    try {
      await ask('/me', { signal: AbortSignal.timeout(PROBE_MS) });
      await loadAll();
      open();
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) return again();
      stop();
      leave();
    }
  };
  heardAt = browserNow();
  open();
  let lookedAt = browserNow();
  const stopLooking = every(LOOK_MS, () => {
    const wait = browserNow() - lookedAt;
    lookedAt += wait;
    // A page that was held up itself has beats to read that came meanwhile.
    if (wait > STALLED_MS) return;
    const silence = browserNow() - heardAt;
    // On a mobile network the first word takes its time.
    if (silence > (connection.value.state === 'live' ? SILENT_MS : DEAD_MS)) lose(heardAt);
    if (silence > DEAD_MS && source?.readyState === EventSource.OPEN) again();
  });
  const stop = () => {
    stopLooking();
    stopRetry();
    source?.close();
  };
  return stop;
}

let heardAt = browserNow();

function lose(since: number): void {
  if (connection.value.state !== 'lost') connection.value = { state: 'lost', since };
}

function listen(source: EventSource, refused: () => void): void {
  const isWanted = () => source.readyState !== EventSource.CLOSED;
  const gatewaysSoon = soon(loadGateways, isWanted);
  const pointsSoon = soon(loadPoints, isWanted);
  const alarmsSoon = soon(loadAttention, isWanted, ALARM_RELOAD_MS);
  const missedSoon = soon(loadMissed, isWanted, MISSED_MS);
  source.addEventListener('alarm', alarmsSoon);
  source.onerror = () => {
    if (connection.value.state !== 'lost') connection.value = { state: 'lost', since: heardAt };
    if (source.readyState === EventSource.CLOSED) refused();
  };
  const begin = () => {
    heardAt = browserNow();
    if (connection.value.state !== 'live') connection.value = { state: 'live' };
  };
  source.addEventListener('beat', begin);
  let isNew = true;
  source.addEventListener('hello', () => {
    begin();
    if (isNew) missedSoon();
    isNew = false;
  });
  source.addEventListener('reset', () => {
    begin();
    isNew = false;
    surely(loadAll, isWanted);
    for (const listener of filledListeners) listener({ point: '*', from: 0, to: browserNow() });
  });
  source.addEventListener('reading', (event) => {
    begin();
    takeIn(JSON.parse(event.data) as LiveReading[]);
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

/**
 * What happened after the page had asked for everything and before its stream stood is in neither. It is asked for once more, a little
 * later: were the stream opened first, and everything asked for only then, a page on a mobile network would wait for its first values.
 */
async function loadMissed(): Promise<void> {
  await Promise.all([loadPoints(), loadAttention()]);
}

/** What a large plant brings in one message would hold the page up for longer than a person notices: it goes in part by part. */
const PART = 100;
const waiting: LiveReading[] = [];

function takeIn(readings: readonly LiveReading[]): void {
  const isBusy = waiting.length > 0;
  waiting.push(...readings);
  if (!isBusy) takePart();
}

function takePart(): void {
  // As one change: what hangs on many points is worked out once.
  batch(() => {
    for (const reading of waiting.splice(0, PART)) {
      noteReading(reading.point, reading);
      for (const listener of readingListeners) listener(reading);
    }
  });
  if (waiting.length > 0) after(0, takePart);
}

/** Many signs of one change ask once. */
function soon(load: () => Promise<void>, isWanted: () => boolean, ms = RELOAD_MS): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    after(ms, () => {
      waiting = false;
      surely(load, isWanted);
    });
  };
}

/** Until it has worked, as long as its stream is there: what stands on the screen would else be that of before, and look live. */
function surely(load: () => Promise<void>, isWanted: () => boolean): void {
  load().catch(() => after(RETRY_MS, () => isWanted() && surely(load, isWanted)));
}

import './styles/base.css';
import './styles/bar.css';
import './styles/page.css';
import './styles/gateways.css';
import './styles/points.css';
import './styles/login.css';
import './styles/small-screens.css';
import { effect, signal } from '@preact/signals';
import { type FunctionComponent, render } from 'preact';
import { after } from './clock.ts';
import { Gateways } from './gateways.tsx';
import { Header, LostBar } from './header.tsx';
import { language } from './i18n.ts';
import { startLive } from './live.ts';
import { Login } from './login.tsx';
import { type AlarmTab, closeTrend, followAddress, place } from './place.ts';
import { Points } from './points.tsx';
import { loadAll, loadGateways, points, session, startTicking } from './store.ts';
import { applyTheme } from './theme.ts';

const RETRY_MS = 3000;
const STATUS_MS = 10_000;

/** The chart's library is fetched when the first trend is opened. */
const trend = signal<FunctionComponent<{ readonly point: string }> | undefined>(undefined);
/** So are the alarms. */
const alarms = signal<FunctionComponent<{ readonly tab: AlarmTab }> | undefined>(undefined);

function Page() {
  if (session.value.state === 'out') {
    return (
      <>
        <Header />
        <Login done={startLive} />
      </>
    );
  }
  const { point, alarms: tab } = place.value;
  if (tab !== undefined) {
    const Alarms = alarms.value;
    return (
      <>
        <Header />
        <LostBar />
        <main class="layout wide-view">{Alarms ? <Alarms tab={tab} /> : null}</main>
      </>
    );
  }
  const Trend = trend.value;
  const known = point !== undefined && points.value?.some(({ id }) => id === point);
  return (
    <>
      <Header />
      <LostBar />
      <main class={known ? 'layout with-trend' : 'layout'}>
        <Gateways />
        <Points />
        {known && Trend ? <Trend key={point} point={point} /> : null}
      </main>
    </>
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.key === 'Escape' && place.value.point !== undefined) closeTrend();
  const typing = event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === '/' && !typing) {
    event.preventDefault();
    document.getElementById('search')?.focus();
  }
}

async function begin(): Promise<void> {
  try {
    await loadAll();
  } catch {
    after(RETRY_MS, () => void begin());
    return;
  }
  if (session.value.state === 'in') startLive();
  const refresh = () => {
    if (session.value.state === 'in') loadGateways().catch(() => {});
    after(STATUS_MS, refresh);
  };
  after(STATUS_MS, refresh);
}

applyTheme();
followAddress();
startTicking();
addEventListener('keydown', onKey);
effect(() => {
  document.documentElement.lang = language.value;
});
effect(() => {
  if (place.value.alarms === undefined || alarms.peek()) return;
  void import('./alarms.tsx').then(({ Alarms }) => {
    alarms.value = Alarms;
  });
});
effect(() => {
  if (place.value.point === undefined || trend.peek()) return;
  void import('./trend.tsx').then(({ Trend }) => {
    trend.value = Trend;
  });
});
render(<Page />, document.getElementById('app') ?? document.body);
void begin();

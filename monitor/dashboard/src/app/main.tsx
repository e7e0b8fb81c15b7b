import '../kit/base.css';
import '../kit/page.css';
import '../kit/controls.css';
import '../kit/parts.css';
import '../kit/dialog.css';
import '../kit/tile.css';
import './bar.css';
import './shell.css';
import { effect, signal } from '@preact/signals';
import { type FunctionComponent, render } from 'preact';
import { after } from '../data/clock.ts';
import { language, t } from '../data/i18n.ts';
import { startLive } from '../data/live.ts';
import { loadAll, loadGateways, session, startTicking } from '../data/store.ts';
import { applyTheme } from '../data/theme.ts';
import { Login } from '../pages/login/login.tsx';
import { address, followAddress, goTo } from './address.ts';
import { announceAlarms } from './announce.ts';
import { Header } from './header.tsx';
import { keepPage } from './keep-page.ts';
import { askedBy } from './keys.ts';
import { lettersOn } from './letters.ts';
import { open, opened } from './open.ts';
import { findPage, isPage, PAGES } from './pages.ts';
import { Shell } from './shell.tsx';
import { awaitTouch } from './sound.ts';

const RETRY_MS = 3000;
const STATUS_MS = 10_000;
const SECOND_KEY_MS = 1500;

/** The pages that have been fetched. */
const fetched = signal<ReadonlyMap<string, FunctionComponent>>(new Map());

function Page() {
  if (session.value.state === 'out') {
    return (
      <>
        <Header title="Sluice" />
        <Login done={startLive} />
      </>
    );
  }
  return <Shell Page={fetched.value.get(address.value.page)} />;
}

let isWaiting = false;

function onKey(event: KeyboardEvent): void {
  if (opened.value !== undefined || session.value.state !== 'in' || event.altKey) return;
  const isTyping = event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  const isCommand = event.ctrlKey || event.metaKey;
  const asked = askedBy({ key: event.key, isCommand, isTyping, isWaiting }, PAGES, lettersOn.value);
  isWaiting = asked.do === 'wait';
  if (asked.do === 'nothing') return;
  event.preventDefault();
  if (asked.do === 'wait') {
    after(SECOND_KEY_MS, () => {
      isWaiting = false;
    });
  } else if (asked.do === 'go') goTo({ page: asked.page });
  else if (asked.do === 'find') find();
  else open(asked.do);
}

/** What the page itself searches, else everything. */
function find(): void {
  const own = document.getElementById('search');
  if (own) own.focus();
  else open('search');
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

function fetchPage(key: string): void {
  const page = findPage(key);
  if (page === undefined || fetched.peek().has(key)) return;
  page.load().then(
    (component) => {
      fetched.value = new Map([...fetched.peek(), [key, component]]);
    },
    // The hub was not there: once more, as long as this page is wanted.
    () => after(RETRY_MS, () => address.peek().page === key && fetchPage(key)),
  );
}

applyTheme();
followAddress(isPage);
startTicking();
awaitTouch();
announceAlarms();
addEventListener('keydown', onKey);
effect(() => {
  document.documentElement.lang = language.value;
});
effect(() => {
  const page = findPage(address.value.page);
  document.title = page ? `${t(page.title)} – Sluice` : 'Sluice';
});
effect(() => fetchPage(address.value.page));
render(<Page />, document.getElementById('app') ?? document.body);
void begin();
keepPage();

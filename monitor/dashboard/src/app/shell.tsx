import type { FunctionComponent } from 'preact';
import { attention } from '../data/alarm-store.ts';
import { t } from '../data/i18n.ts';
import { connection, session } from '../data/store.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Mark } from '../kit/mark.tsx';
import { address, addressHash } from './address.ts';
import { announced } from './announce.ts';
import { Choices, Header, LostBar } from './header.tsx';
import { Help } from './help.tsx';
import { Icon } from './icon.tsx';
import { ICONS } from './icons.ts';
import { close, open, opened } from './open.ts';
import { findPage, type PageEntry, pagesFor } from './pages.ts';
import { said } from './said.ts';
import { Search } from './search.tsx';

/** On a phone the alarms come first. */
const PHONE_ORDER = ['alarms', 'overview', 'equipment'];

/** What stands around every page. */
export function Shell({ Page }: { readonly Page: FunctionComponent | undefined }) {
  const held = session.value;
  const pages = pagesFor(held.state === 'in' ? held.me.role : 'viewer');
  const here = findPage(address.value.page);
  const phone = pages
    .filter(({ isOnPhones }) => isOnPhones)
    .sort((a, b) => PHONE_ORDER.indexOf(a.key) - PHONE_ORDER.indexOf(b.key));
  const title = here ? t(here.title) : '';
  return (
    <div class="shell" data-connection={connection.value.state}>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t('skip')}
      </button>
      <nav class="rail" aria-label={t('pages')}>
        <a class="brand" href="#/overview">
          <img src="/icon.svg" alt="" width="28" height="28" />
          Sluice
        </a>
        {pages.map((page) => (
          <PageLink key={page.key} page={page} />
        ))}
      </nav>
      <div class="body">
        <Header title={title} />
        <LostBar />
        <main id="main" data-page={address.value.page} tabIndex={-1} aria-label={title}>
          {Page ? <Page /> : <div class="card skeleton" role="status" aria-label={t('state.loading')} />}
        </main>
      </div>
      <nav class="bottom" aria-label={t('pages.phone')}>
        {phone.map((page) => (
          <PageLink key={page.key} page={page} />
        ))}
        <button type="button" class="page-link" aria-haspopup="dialog" onClick={() => open('more')}>
          <Icon path={ICONS.more} />
          {t('more')}
        </button>
      </nav>
      <p class={said.value === '' ? 'hidden' : 'said-line'} role="status">
        {said.value}
      </p>
      <p class="hidden" aria-live="polite">
        {announced.value.polite}
      </p>
      <p class="hidden" aria-live="assertive">
        {announced.value.assertive}
      </p>
      {opened.value === 'search' ? <Search /> : null}
      {opened.value === 'help' ? <Help /> : null}
      {opened.value === 'more' ? <More pages={pages.filter((page) => !phone.includes(page))} /> : null}
    </div>
  );
}

function PageLink({ page: { key, icon, title } }: { readonly page: PageEntry }) {
  const isHere = address.value.page === key;
  return (
    <a class="page-link" href={addressHash({ page: key })} aria-current={isHere ? 'page' : undefined}>
      <Icon path={icon} />
      {t(title)}
      {key === 'alarms' ? <AlarmCount /> : null}
    </a>
  );
}

/** How many ask for a response; the triangle: somebody has yet to see one. */
function AlarmCount() {
  const count = attention.value.length;
  if (count === 0) return null;
  const unseen = attention.value.some(({ acknowledged }) => !acknowledged);
  return (
    <span class="count">
      {unseen ? <Mark shape="triangle" tone="high" /> : null}
      {count}
      <span class="hidden">{t(unseen ? 'alarms.unseen' : 'alarms.seen')}</span>
    </span>
  );
}

function More({ pages }: { readonly pages: readonly PageEntry[] }) {
  return (
    <Dialog title={t('more')} kind="more" close={close} closeText={t('close')}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: closes after a link was followed, by any means */}
      <nav class="more-pages" aria-label={t('pages')} onClick={close}>
        {pages.map((page) => (
          <PageLink key={page.key} page={page} />
        ))}
      </nav>
      <div class="more-choices">
        <Choices />
      </div>
    </Dialog>
  );
}

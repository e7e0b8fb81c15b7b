import { useSignal } from '@preact/signals';
import { attention } from '../data/alarm-store.ts';
import { t, textIn, titleOf } from '../data/i18n.ts';
import { devices, gateways, points } from '../data/store.ts';
import { Dialog } from '../kit/dialog.tsx';
import { actions } from './actions.ts';
import { addressHash } from './address.ts';
import { close } from './open.ts';
import { PAGES } from './pages.ts';
import { type Findable, rank } from './search-rank.ts';

const MOST = 12;

/** Over pages, equipment, points and alarms, in both languages. */
export function Search() {
  const query = useSignal('');
  const chosen = useSignal(0);
  const found = rank(query.value, everything(), MOST);
  const at = Math.min(chosen.value, Math.max(0, found.length - 1));
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      chosen.value = (at + step + found.length) % Math.max(1, found.length);
    }
    const item = found[at];
    if (event.key === 'Enter' && item && !event.isComposing) follow(item);
  };
  return (
    <Dialog title={t('search')} kind="search" close={close} closeText={t('close')}>
      <input
        type="text"
        role="combobox"
        class="query"
        aria-expanded={true}
        aria-controls="found"
        aria-activedescendant={found.length > 0 ? `found-${at}` : undefined}
        aria-label={t('search.label')}
        placeholder={t('search.label')}
        value={query.value}
        autofocus
        onInput={(event) => {
          query.value = event.currentTarget.value;
          chosen.value = 0;
        }}
        onKeyDown={onKey}
      />
      <div id="found" role="listbox" class="found" aria-label={t('search')}>
        {found.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the arrows and Enter work in the field above
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the one that is chosen
          <div
            key={item.hash + item.title}
            id={`found-${index}`}
            role="option"
            class="hit"
            aria-selected={index === at}
            onClick={() => follow(item)}
          >
            <span class="hit-title">{item.title}</span>
            <span class="muted small">{[t(`search.${item.kind}`), item.detail].filter(Boolean).join(' · ')}</span>
          </div>
        ))}
      </div>
      <p class="muted small" role="status">
        {found.length === 0 ? t('search.nothing') : t('search.keys')}
      </p>
    </Dialog>
  );
}

function follow({ hash }: Findable): void {
  close();
  location.hash = hash;
}

function everything(): readonly Findable[] {
  const siteOf = (gateway: string) => gateways.value?.find(({ id }) => id === gateway)?.site ?? gateway;
  const deviceOf = (id: string) => devices.value.find((device) => device.id === id);
  const nameOf = (id: string) => {
    const device = deviceOf(id);
    return device ? titleOf(device.title, device.name) : id.slice(id.indexOf('/') + 1);
  };
  return [
    ...PAGES.map(
      ({ key, title }): Findable => ({
        ...{ kind: 'page', title: t(title), detail: '', words: [textIn('en', title), textIn('ko', title), key] },
        hash: addressHash({ page: key }),
      }),
    ),
    ...actions(),
    ...attention.value.map(
      (alarm): Findable => ({
        ...{
          kind: 'alarm',
          title: titleOf(alarm.text, alarm.rule),
          detail: nameOf(`${alarm.gateway}/${alarm.device}`),
        },
        words: [alarm.text.en ?? '', alarm.text.ko ?? '', alarm.device],
        hash: addressHash({
          page: 'alarms',
          query: { tab: alarm.acknowledged ? 'active' : 'unacked', alarm: alarm.id },
        }),
      }),
    ),
    ...devices.value.map(
      (device): Findable => ({
        ...{ kind: 'equipment', title: titleOf(device.title, device.name), detail: siteOf(device.gateway) },
        words: [device.title.en ?? '', device.title.ko ?? '', device.id, device.vendor ?? '', device.model ?? ''],
        hash: addressHash({ page: 'equipment', rest: device.id.split('/') }),
      }),
    ),
    ...(points.value ?? []).map((point): Findable => {
      const device = deviceOf(`${point.gateway}/${point.device}`);
      return {
        ...{
          kind: 'point',
          title: titleOf(point.title, point.point),
          detail: nameOf(`${point.gateway}/${point.device}`),
        },
        words: [point.title.en ?? '', point.title.ko ?? '', point.id, device?.title.en ?? '', device?.title.ko ?? ''],
        hash: addressHash({ page: 'points', rest: point.id.split('/') }),
      };
    }),
  ];
}

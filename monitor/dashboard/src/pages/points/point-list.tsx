import { computed, signal, useComputed } from '@preact/signals';
import type { Device, Point } from '../../data/api.ts';
import { faultText, t, titleOf } from '../../data/i18n.ts';
import { isAbnormal } from '../../data/point-state.ts';
import { abnormal, devices, faultOf, lastOf, ownStateOf, points } from '../../data/store.ts';
import { Mark } from '../../kit/mark.tsx';
import { Problem } from '../../kit/prose.tsx';
import { PointRow } from './point-row.tsx';

const search = signal('');
const onlyAbnormal = signal(false);
/** Numbers, so that a list which is made anew and says the same draws nothing. */
const abnormalCount = computed(() => abnormal.value.length);

const ofDevice = computed(() => {
  const found = new Map<string, Point[]>();
  for (const point of points.value ?? []) {
    const key = `${point.gateway}/${point.device}`;
    const held = found.get(key);
    if (held) held.push(point);
    else found.set(key, [point]);
  }
  return found;
});

export function Points() {
  const list = points.value;
  return (
    <section class="points" aria-label={t('points')}>
      <div class="tools">
        <fieldset class="choice">
          <legend class="hidden">{t('points')}</legend>
          <button type="button" aria-pressed={!onlyAbnormal.value} onClick={() => show(false)}>
            {t('filter.all', { n: list?.length ?? 0 })}
          </button>
          <button type="button" aria-pressed={onlyAbnormal.value} onClick={() => show(true)}>
            {abnormalCount.value > 0 ? <Mark shape="triangle" tone="high" /> : null}
            {t('filter.abnormal', { n: abnormalCount.value })}
          </button>
        </fieldset>
        <input
          type="search"
          id="search"
          placeholder={t('points.search')}
          aria-label={t('points.search')}
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
      </div>
      {list === undefined ? <Skeletons /> : <DeviceCards list={list} />}
    </section>
  );
}

function DeviceCards({ list }: { readonly list: readonly Point[] }) {
  if (list.length === 0) return <Hint title={t('points.none')} text={t('points.none.hint')} />;
  const cards = devices.value
    .map((device) => ({ device, shown: shownOf(device) }))
    .filter(({ shown }) => shown.length > 0);
  if (cards.length === 0) {
    return <Hint title={onlyAbnormal.value ? t('filter.quiet') : t('points.nothing.found')} text="" />;
  }
  return (
    <div class="cards">
      {cards.map(({ device, shown }) => (
        <DeviceCard key={device.id} device={device} shown={shown} />
      ))}
    </div>
  );
}

function DeviceCard({ device, shown }: { readonly device: Device; readonly shown: readonly Point[] }) {
  const model = [device.vendor, device.model].filter(Boolean).join(' ');
  const shared = useComputed(() => sharedFault(shown)).value;
  const rowsHeight = HEAD_PX + shown.length * ROW_PX;
  return (
    <article class="card device" style={{ containIntrinsicHeight: `auto ${rowsHeight}px` }}>
      <header>
        <h3>{titleOf(device.title, device.name)}</h3>
        <span class="muted small">{[classText(device.class), model, device.channel].filter(Boolean).join(' · ')}</span>
      </header>
      {shared ? (
        <p class="shared problem">
          <Problem {...faultText(shared, faultOf(shared))} />
        </p>
      ) : null}
      <ul class="rows">
        {shown.map((point, row) => (
          <PointRow key={point.id} point={point} row={row} explained={shared !== undefined} />
        ))}
      </ul>
    </article>
  );
}

/** About as high as it will be: a card that is out of sight is not laid out before it comes into it. */
const HEAD_PX = 44;
const ROW_PX = 34;

/** A device that is silent is one problem, not one for each of its points. */
function sharedFault(shown: readonly Point[]): string | undefined {
  const codes = new Set(shown.map((point) => lastOf(point.id).value?.fault));
  const [code] = codes;
  return shown.length > 1 && codes.size === 1 ? code : undefined;
}

const CLASSES = ['ups', 'crac', 'power-meter', 'climate', 'leak', 'generator', 'drive', 'other'] as const;

function classText(name: string): string {
  const known = CLASSES.find((each) => each === name);
  return known === undefined ? name : t(`class.${known}`);
}

function shownOf(device: Device): readonly Point[] {
  const wanted = search.value.trim().toLowerCase();
  const deviceText = [device.name, device.title.en, device.title.ko].join(' ').toLowerCase();
  return (ofDevice.value.get(device.id) ?? []).filter((point) => {
    if (onlyAbnormal.value && !isAbnormal(ownStateOf(point))) return false;
    const text = [deviceText, point.point, point.title.en, point.title.ko].join(' ').toLowerCase();
    return text.includes(wanted);
  });
}

function show(abnormalOnly: boolean): void {
  onlyAbnormal.value = abnormalOnly;
}

function Hint({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div class="card hint">
      <strong>{title}</strong>
      {text ? <p>{text}</p> : null}
    </div>
  );
}

function Skeletons() {
  return (
    <div class="cards" role="status" aria-label={t('state.loading')}>
      <div class="card skeleton" />
      <div class="card skeleton" />
      <div class="card skeleton" />
    </div>
  );
}

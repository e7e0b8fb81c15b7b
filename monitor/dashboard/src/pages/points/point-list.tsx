import { signal } from '@preact/signals';
import type { Device, Point } from '../../data/api.ts';
import { faultText, t, titleOf } from '../../data/i18n.ts';
import { isAbnormal } from '../../data/point-state.ts';
import { abnormal, devices, faultOf, lastOf, ownStateOf, points } from '../../data/store.ts';
import { Mark } from '../../kit/mark.tsx';
import { Problem } from '../../kit/prose.tsx';
import { PointRow } from './point-row.tsx';

const search = signal('');
const onlyAbnormal = signal(false);

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
            {abnormal.value.length > 0 ? <Mark shape="triangle" tone="high" /> : null}
            {t('filter.abnormal', { n: abnormal.value.length })}
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
    .map((device) => ({ device, shown: shownOf(device, list) }))
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
  const shared = sharedFault(shown);
  return (
    <article class="card device">
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
        {shown.map((point) => (
          <PointRow key={point.id} point={point} explained={shared !== undefined} />
        ))}
      </ul>
    </article>
  );
}

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

function shownOf(device: Device, list: readonly Point[]): readonly Point[] {
  const wanted = search.value.trim().toLowerCase();
  const deviceText = [device.name, device.title.en, device.title.ko].join(' ').toLowerCase();
  return list.filter((point) => {
    if (point.gateway !== device.gateway || point.device !== device.name) return false;
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

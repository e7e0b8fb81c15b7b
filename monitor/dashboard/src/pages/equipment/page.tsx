import './equipment.css';
import { useEffect } from 'preact/hooks';
import { type Address, address, addressHash } from '../../app/address.ts';
import { attention } from '../../data/alarm-store.ts';
import type { Device, Point, Priority } from '../../data/api.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { isAbnormal } from '../../data/point-state.ts';
import { loadRules } from '../../data/rules.ts';
import { devices, gateways, ownStateOf, points, session } from '../../data/store.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { Mark } from '../../kit/mark.tsx';
import { classText } from './class-text.ts';
import { Faceplate } from './faceplate.tsx';
import { FACES, type FaceKind, faceKind } from './faces.ts';
import { te } from './texts.ts';

const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low'];

/** How is this machine? All of them by site and class, or the face of one. */
export function Equipment() {
  useEffect(() => {
    loadRules().catch(() => {});
  }, [points.value]);
  const { rest } = address.value;
  if (points.value === undefined) {
    return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  }
  if (rest.length === 0) return <List />;
  const device = devices.value.find(({ id }) => id === rest.join('/'));
  if (device) return <Faceplate key={device.id} device={device} />;
  return (
    <div class="card hint">
      <strong>{te('unknown')}</strong>
      <p>
        <a href={addressHash({ page: 'equipment' })}>{te('back')}</a>
      </p>
    </div>
  );
}

interface Entry {
  readonly device: Device;
  readonly own: readonly Point[];
  readonly kind: FaceKind;
}

function List() {
  const { gateway, class: wanted } = address.value.query;
  const byDevice = pointsByDevice(points.value ?? []);
  const all = devices.value.map((device): Entry => {
    const own = byDevice.get(device.id) ?? [];
    return { device, own, kind: faceKind(device, own) };
  });
  if (all.length === 0) {
    return (
      <div class="card hint">
        <strong>{te('none')}</strong>
        <p>{t('points.none.hint')}</p>
      </div>
    );
  }
  const kinds = FACES.filter((kind) => all.some((entry) => entry.kind === kind));
  const shown = all.filter(
    ({ device, kind }) =>
      (gateway === undefined || device.gateway === gateway) && (wanted === undefined || kind === wanted),
  );
  return (
    <div class="equipment">
      <AddLinks wanted={gateway} />
      <Filter name={te('classes')} field="class" choices={kinds.map((kind) => [kind, classText(kind, kind)])} />
      {(gateways.value ?? []).length > 1 ? (
        <Filter
          name={te('sites')}
          field="gateway"
          choices={(gateways.value ?? []).map(({ id, site }) => [id, site ?? id])}
        />
      ) : null}
      {kinds.map((kind) => (
        <Group key={kind} kind={kind} entries={shown.filter((entry) => entry.kind === kind)} />
      ))}
    </div>
  );
}

/** The way to another device, for who may add one: it hangs on a line of one gateway. */
function AddLinks({ wanted }: { readonly wanted: string | undefined }) {
  const held = session.value;
  if (held.state !== 'in' || held.me.role !== 'admin') return null;
  const own = (gateways.value ?? []).filter(({ id }) => wanted === undefined || id === wanted);
  if (own.length === 0) return null;
  return (
    <p class="add-links">
      {own.map(({ id, site }) => (
        <a key={id} class="plain" href={addressHash({ page: 'connect', rest: [id] })}>
          {own.length === 1 ? te('add') : te('add.at', { site: site ?? id })}
        </a>
      ))}
    </p>
  );
}

function pointsByDevice(list: readonly Point[]): ReadonlyMap<string, readonly Point[]> {
  const found = new Map<string, Point[]>();
  for (const point of list) {
    const id = `${point.gateway}/${point.device}`;
    const held = found.get(id);
    if (held) held.push(point);
    else found.set(id, [point]);
  }
  return found;
}

interface FilterProps {
  readonly name: string;
  readonly field: string;
  readonly choices: readonly (readonly [value: string, text: string])[];
}

/** Links, so that the choice is in the address. */
function Filter({ name, field, choices }: FilterProps) {
  const { query } = address.value;
  const chosen = query[field];
  const to = (value: string | undefined) => {
    const { [field]: _, ...others } = query as Record<string, string>;
    const next: Address = {
      page: 'equipment',
      rest: [],
      query: value === undefined ? others : { ...others, [field]: value },
    };
    return addressHash(next);
  };
  return (
    <nav class="choice views filter" aria-label={name}>
      <a href={to(undefined)} aria-current={chosen === undefined ? 'page' : undefined}>
        {te('all')}
      </a>
      {choices.map(([value, text]) => (
        <a key={value} href={to(value)} aria-current={chosen === value ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}

function Group({ kind, entries }: { readonly kind: FaceKind; readonly entries: readonly Entry[] }) {
  if (entries.length === 0) return null;
  return (
    <section>
      <h2>{classText(kind, kind)}</h2>
      <ul class="machines">
        {entries.map((entry) => (
          <Machine key={entry.device.id} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function Machine({ entry: { device, own } }: { readonly entry: Entry }) {
  const alarms = attention.value.filter((alarm) => alarm.gateway === device.gateway && alarm.device === device.name);
  const worst = PRIORITIES.find((priority) => alarms.some((alarm) => alarm.priority === priority && alarm.active));
  const doubtful = own.filter((point) => isAbnormal(ownStateOf(point))).length;
  const site = gateways.value?.find(({ id }) => id === device.gateway)?.site ?? device.gateway;
  return (
    <li class="card machine">
      <a href={addressHash({ page: 'equipment', rest: [device.gateway, device.name] })} data-device={device.id}>
        <strong>{titleOf(device.title, device.name)}</strong>
        <span class="small muted">{[site, device.vendor, device.model].filter(Boolean).join(' · ')}</span>
        <span class="small machine-state">
          {worst ? (
            <span class="state">
              <AlarmToken priority={worst} label={t(`priority.${worst}`)} />
              {t(`priority.${worst}`)}
            </span>
          ) : null}
          {doubtful > 0 ? (
            <span class="state tone-medium">
              <Mark shape="diamond" tone="medium" />
              {te('doubtful', { n: doubtful, all: own.length })}
            </span>
          ) : null}
          {worst === undefined && doubtful === 0 ? (
            <span class="muted">
              <Mark shape="circle" tone="quiet" /> {te('well')}
            </span>
          ) : null}
        </span>
      </a>
    </li>
  );
}

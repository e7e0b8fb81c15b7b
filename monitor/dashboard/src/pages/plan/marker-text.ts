import { addressHash } from '../../app/address.ts';
import type { Last, Point } from '../../data/api.ts';
import { decimalsOf, formatNumber } from '../../data/format.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { devices } from '../../data/store.ts';
import { ageText, valueText } from '../../data/value-text.ts';
import type { Look } from './look.ts';
import { tp } from './texts.ts';

export function nameOf({ marker, device, point, gateway }: Look): string {
  if (marker.name !== undefined) return marker.name;
  if (device) return titleOf(device.title, device.name);
  if (point) return titleOf(point.title, point.point);
  return gateway?.site ?? gateway?.id ?? marker.point ?? marker.device ?? marker.gateway ?? '';
}

/** With the device that it belongs to: in a list nothing stands around it that says so. */
export function fullNameOf(look: Look): string {
  const { marker, point } = look;
  if (marker.name !== undefined || marker.point === undefined || !point) return nameOf(look);
  const device = devices.value.find(({ id }) => id === `${point.gateway}/${point.device}`);
  return `${device ? titleOf(device.title, device.name) : point.device} · ${nameOf(look)}`;
}

/** The value with its unit, or a word where there is none. */
export function figureOf({ state, point, last, gateway, doubtful = 0 }: Look): string {
  if (state === 'unknown') return tp('unknown');
  if (gateway) return t(`gateway.${gateway.state}`);
  if (point && last) return `${short(point, last)} ${last.value === null ? '' : (point.unit ?? '')}`.trim();
  if (point || state !== 'live') return t(`state.${state === 'live' ? 'empty' : state}`);
  return doubtful > 0 ? tp('doubtful', { n: doubtful }) : tp('well');
}

const SIGNIFICANT = 4;

/** No longer than a label is wide: a plan says about how much; the equipment page says it exactly. */
function short(point: Point, last: Last): string {
  const { value } = last;
  if (typeof value !== 'number' || point.enum) return valueText(point, last);
  return formatNumber(value, decimalsOf(value, SIGNIFICANT));
}

export function ageOf({ ageMs }: Look): string {
  return ageMs === undefined ? '' : ageText(ageMs);
}

/** What a label has no room for, for whoever hears it. */
export function unseenOf(look: Look, isCompact: boolean, isPast: boolean): string {
  const { state } = look;
  const parts = [
    isCompact ? nameOf(look) : '',
    state === 'live' || state === 'unknown' ? '' : t(`state.${state}`),
    isPast ? tp('past.word') : isCompact && state === 'live' ? ageOf(look) : '',
  ];
  return parts.filter((part) => part !== '' && part !== figureOf(look)).join(', ');
}

/** The alarm if there is one, else the equipment. */
export function hrefOf({ marker, alarm, point }: Look): string {
  if (alarm !== undefined) return addressHash({ page: 'alarms', query: { tab: 'active', alarm } });
  const device = marker.device ?? (point ? `${point.gateway}/${point.device}` : undefined);
  if (device) return addressHash({ page: 'equipment', rest: device.split('/') });
  return addressHash({ page: 'points' });
}

import {
  type Catalogue,
  type CatalogueDevice,
  type CatalogueEntry,
  type CatalogueRule,
  ruleEntrySchema,
} from '../cloud-sync/protocol/catalogue.ts';
import { longestGap } from '../core/longest-gap.ts';
import type { HolidaysGiven } from '../core/rules/holidays.ts';
import type { Rule } from '../core/rules/rule.ts';
import type { DeviceSpec, Plant, PointSpec } from '../devices/plant-types.ts';

export interface SiteFacts {
  readonly site: string;
  readonly timezone: string;
  readonly holidays?: HolidaysGiven;
}

/**
 * The catalogue of a plant, carrying on the numbers of the one before. A point keeps its number while kind, type, unit and scale
 * stay; a change gives it a new one and retires the old, so the newest catalogue decodes every frame of its epoch. Returns the
 * previous catalogue itself when nothing changed.
 */
export function nextCatalogue(previous: Catalogue | null, plant: Plant, facts: SiteFacts): Catalogue {
  const { site, timezone, holidays } = facts;
  const known = new Map(previous?.points.map((entry) => [identityOf(entry), entry.number]));
  let fresh = Math.max(-1, ...(previous?.points ?? []).map(({ number }) => number)) + 1;
  const current = plant.devices.flatMap((device) =>
    device.points.map((point): CatalogueEntry => {
      const entry = toEntry(device, point);
      return { number: known.get(identityOf(entry)) ?? fresh++, ...entry };
    }),
  );
  const used = new Set(current.map(({ number }) => number));
  const retired = (previous?.points ?? [])
    .filter(({ number }) => !used.has(number))
    .map((entry): CatalogueEntry => ({ ...entry, retired: true }));
  const next: Catalogue = {
    version: (previous?.version ?? 0) + 1,
    site,
    timezone,
    ...(holidays ? { holidays: [...holidays] } : {}),
    devices: plant.devices.map(toDevice),
    points: [...current, ...retired],
    rules: plant.devices.flatMap((device) => device.rules.map((rule) => toRuleEntry(device.name, rule))),
  };
  const same = previous !== null && JSON.stringify({ ...next, version: previous.version }) === JSON.stringify(previous);
  return same ? previous : next;
}

function identityOf({ device, point, kind, type, unit, scale }: Omit<CatalogueEntry, 'number'>): string {
  return JSON.stringify([device, point, kind, type, unit ?? null, scale ?? null]);
}

function toEntry(device: DeviceSpec, point: PointSpec): Omit<CatalogueEntry, 'number'> {
  const { scale } = (point.address ?? {}) as { scale?: unknown };
  return withoutUndefined({
    device: device.name,
    point: point.name,
    title: point.title,
    unit: point.unit,
    kind: point.kind,
    type: point.type,
    scale: typeof scale === 'number' ? scale : undefined,
    everyMs: 'everyMs' in point.rhythm ? point.rhythm.everyMs : undefined,
    maxSilenceMs: longestSilence(point),
    writable: point.writable,
    min: point.min,
    max: point.max,
    step: point.step,
    dangerous: point.dangerous,
    enum: point.enum,
  });
}

/** How long nothing may come of it although all is well; of a schedule only the edge can tell. */
function longestSilence({ rhythm, deadband, maxSilenceMs }: PointSpec): number | undefined {
  // A value within its deadband may rest for as long as it likes.
  if (!('schedule' in rhythm) || (deadband !== undefined && maxSilenceMs === undefined)) return maxSilenceMs;
  const gapMs = longestGap(rhythm.schedule);
  return gapMs === undefined ? maxSilenceMs : Math.max(gapMs, maxSilenceMs ?? 0);
}

function toDevice(device: DeviceSpec): CatalogueDevice {
  const { name, title, vendor, model, channel } = device;
  return withoutUndefined({ name, title, class: device.class, vendor, model, channel });
}

/** What the desk at the hub needs, in the order in which it is read back; schedules and suppression are the edge's business. */
function toRuleEntry(device: string, rule: Rule): CatalogueRule {
  return withoutUndefined(ruleEntrySchema.parse({ device, ...rule }));
}

/** As JSON would have it, so that a catalogue read back compares equal. */
function withoutUndefined<T>(value: object): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

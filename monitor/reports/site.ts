import { isTimeZone } from '../../core/local-time.ts';
import type { Titles } from '../../core/units.ts';
import type { KnownPoint, Points } from '../points.ts';

/** The gateways of a site, and what they have there. */
export interface SitePlant {
  readonly name: string;
  readonly zone: string;
  readonly gateways: readonly string[];
  readonly points: readonly KnownPoint[];
  /** Class of a device, by `gateway/device`. */
  readonly classes: ReadonlyMap<string, string>;
  readonly titles: ReadonlyMap<string, Titles>;
}

/** Every site that a gateway names, in the order of the alphabet. */
export function siteNames(points: Points): readonly string[] {
  return [...new Set([...points.catalogues().values()].map(({ site }) => site))].sort();
}

/** Undefined if no gateway names such a site. A site of several zones goes by that of its first gateway. */
export function findSite(points: Points, name: string): SitePlant | undefined {
  const held = [...points.catalogues()].filter(([, { site }]) => site === name).sort(([a], [b]) => (a < b ? -1 : 1));
  const [first] = held;
  if (!first) return undefined;
  const zone = first[1].timezone;
  const gateways = held.map(([gateway]) => gateway);
  const known = gateways.flatMap((gateway) => points.list(gateway)).filter(({ entry }) => !entry.retired);
  const devices = gateways.flatMap((gateway) => points.devices(gateway));
  return {
    name,
    zone: isTimeZone(zone) ? zone : 'UTC',
    gateways,
    points: known,
    classes: new Map(devices.map(({ gateway, device }) => [`${gateway}/${device.name}`, device.class])),
    titles: new Map([
      ...devices.map(({ gateway, device }) => [`${gateway}/${device.name}`, device.title] as const),
      ...known.map(({ id, entry }) => [id, entry.title] as const),
    ]),
  };
}

import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { KnownPoint, Points } from '../points.ts';
import type { LayoutPoint } from './layout.ts';
import type { SitePlant } from './site.ts';

/** A point whose range a report judges. */
export interface KeyPoint {
  readonly point: KnownPoint;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** What says most about a room, most telling first: class of the device and name of the point. */
const TELLING: readonly (readonly [deviceClass: string, point: RegExp])[] = [
  ['climate', /^temperature/],
  ['climate', /^humidity/],
  ['crac', /^(supply|return)-temperature$/],
];
const MOST = 24;

/** Those that the layout names, else what is telling; without a range of their own they have that of their alarms. */
export function keyPoints(site: SitePlant, points: Points, wanted: readonly LayoutPoint[]): readonly KeyPoint[] {
  const named = wanted.flatMap(({ point: id, ...range }) => {
    const point = site.points.find((each) => each.id === id);
    return point ? [{ point, ...range }] : [];
  });
  const found = named.length > 0 ? named : telling(site).map((point) => ({ point }));
  return found.slice(0, MOST).map(({ point, ...range }) => {
    return { point, ...(hasRange(range) ? range : alarmRange(points.findCatalogue(point.gateway), point)) };
  });
}

function hasRange(range: Omit<KeyPoint, 'point'>): boolean {
  return range.low !== undefined || range.high !== undefined;
}

function telling({ points, classes }: SitePlant): readonly KnownPoint[] {
  return TELLING.flatMap(([deviceClass, name]) =>
    points.filter(
      ({ gateway, entry }) =>
        entry.kind === 'number' && classes.get(`${gateway}/${entry.device}`) === deviceClass && name.test(entry.point),
    ),
  );
}

/** The first limits that are passed on the way out. */
function alarmRange(catalogue: Catalogue | undefined, { entry }: KnownPoint) {
  const limits = (kind: string) =>
    (catalogue?.rules ?? [])
      .filter(({ device, point }) => device === entry.device && point === entry.point)
      .map(({ condition }) => condition as { readonly kind?: unknown; readonly limit?: unknown } | null)
      .flatMap((each) => (each?.kind === kind && typeof each.limit === 'number' ? [each.limit] : []));
  const [above, below] = [limits('above'), limits('below')];
  return {
    ...(below.length > 0 ? { low: Math.max(...below) } : {}),
    ...(above.length > 0 ? { high: Math.min(...above) } : {}),
  };
}

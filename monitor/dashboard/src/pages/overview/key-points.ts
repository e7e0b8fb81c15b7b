import type { Device, Point } from '../../data/api.ts';

/** What says most about a site, most telling first: class of the device and name of the point. */
const TELLING: readonly (readonly [deviceClass: string, point: RegExp])[] = [
  ['climate', /^temperature/],
  ['crac', /^(supply|return)-temperature$/],
  ['power-meter', /^power$/],
  ['ups', /^load$/],
  ['generator', /^fuel/],
  ['climate', /^humidity/],
  ['ups', /^battery-charge$/],
  ['drive', /^speed$/],
];

/** One of each kind first, then the second of each, so that no kind takes all places. */
export function keyPoints(devices: readonly Device[], points: readonly Point[], most: number): readonly Point[] {
  const kinds = TELLING.map(([deviceClass, name]) => {
    const names = new Set(devices.filter((device) => device.class === deviceClass).map((device) => device.name));
    return points.filter(({ device, point, kind }) => kind === 'number' && names.has(device) && name.test(point));
  });
  const rounds = Math.max(0, ...kinds.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => kinds.flatMap((kind) => kind[round] ?? []))
    .flat()
    .slice(0, most);
}

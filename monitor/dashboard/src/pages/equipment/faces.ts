import type { Device, Point } from '../../data/api.ts';
import type { Scale } from '../../kit/scale.ts';

export const FACES = [
  'ups',
  'crac',
  'power-meter',
  'climate',
  'leak',
  'generator',
  'drive',
  'gateway',
  'generic',
] as const;
export type FaceKind = (typeof FACES)[number];

/** A quantity that the face shows as an indicator. */
export interface Gauge {
  readonly point: Point;
  /** The scale that people of the trade expect; left out: from its limits. */
  readonly usual?: Scale;
}

export interface Face {
  readonly kind: FaceKind;
  readonly gauges: readonly Gauge[];
  /** What is or is not. */
  readonly flags: readonly Point[];
  /** Everything else. */
  readonly rest: readonly Point[];
}

type Wanted = readonly [name: RegExp, usual?: Scale];
const PERCENT: Scale = { from: 0, to: 100 };

/** What a face shows, most important first, by the names that the profiles use. */
const WANTED: Readonly<Record<Exclude<FaceKind, 'generic'>, readonly Wanted[]>> = {
  ups: [
    [/^load$/, PERCENT],
    [/^battery-charge$/, PERCENT],
    [/^runtime$/],
    [/^battery-voltage$/],
    [/^(battery-)?temperature$/, { from: 0, to: 50 }],
    [/^input-voltage(-l1)?$/],
    [/^output-voltage(-l1)?$/],
  ],
  crac: [
    [/^return-temperature$/, { from: 10, to: 40 }],
    [/^supply-temperature$/, { from: 5, to: 35 }],
    [/^(exhaust|cabinet)-temperature$/, { from: 10, to: 50 }],
    [/^return-humidity$/, PERCENT],
    [/^fan(-speed)?$/, PERCENT],
    [/^(cooling-capacity|valve)$/, PERCENT],
    [/setpoint$/],
  ],
  'power-meter': [
    [/^power$/],
    [/^power-factor$/, { from: 0, to: 1 }],
    [/^frequency$/, { from: 45, to: 65 }],
    [/^apparent-power$/],
    [/^(voltage|current)$/],
    [/^(import|energy)$/],
  ],
  climate: [
    [/^(temperature|probe)(-\d)?$/, { from: 0, to: 50 }],
    [/^humidity$/, PERCENT],
    [/^dew-point$/, { from: -10, to: 40 }],
    [/^(pressure|wind-speed)$/],
  ],
  leak: [[/^leak-distance(-m)?$/], [/^leak-current$/], [/^cable-length(-m)?$/]],
  generator: [
    [/^power$/],
    [/^fuel/, PERCENT],
    [/^(coolant-)?temperature$/],
    [/^oil-pressure$/],
    [/^battery-voltage$/],
    [/^frequency$/, { from: 45, to: 65 }],
  ],
  drive: [
    [/^speed$/],
    [/^output-frequency$/, { from: 0, to: 60 }],
    [/^current$/],
    [/^torque$/],
    [/^temperature$/],
    [/^power$/],
  ],
  gateway: [
    [/^cpu-load$/, PERCENT],
    [/^memory-available$/, PERCENT],
    [/^disk-free$/, PERCENT],
    [/^buffer-used$/, PERCENT],
    [/^line-.*-use$/, PERCENT],
    [/^line-.*-faults$/, PERCENT],
  ],
};

/** A device whose class nobody has said is told by points that only one class has. */
const SIGNS: readonly (readonly [FaceKind, RegExp])[] = [
  ['ups', /^(on-battery|battery-charge|utility-fail)$/],
  ['leak', /^(leak|cable-break|leak-distance)$/],
  ['crac', /^(return|supply)-temperature$/],
  ['drive', /^output-frequency$/],
  ['generator', /^(fuel-level|start-attempts|oil-pressure)$/],
  ['power-meter', /^(import|power-factor|voltage-l1)$/],
  ['climate', /^(humidity|dew-point)$/],
];

/** The gateway's own points come as a device of this name on a line of this name. */
const SELF = 'gateway';
const MOST_GENERIC = 6;

export function faceKind(device: Device, points: readonly Point[]): FaceKind {
  if (device.name === SELF && device.channel === SELF) return 'gateway';
  const known = FACES.find((kind) => kind === device.class);
  if (known !== undefined) return known;
  return SIGNS.find(([, name]) => points.some(({ point }) => name.test(point)))?.[0] ?? 'generic';
}

export function faceOf(device: Device, points: readonly Point[]): Face {
  const kind = faceKind(device, points);
  const measured = points.filter((point) => point.kind === 'number' && point.enum === undefined);
  const gauges = kind === 'generic' ? [] : wantedGauges(WANTED[kind], measured);
  // A model that names everything otherwise still has a face.
  const shown = gauges.length > 0 ? gauges : measured.slice(0, MOST_GENERIC).map((point) => ({ point }));
  const flags = points.filter((point) => point.kind === 'boolean');
  const taken = new Set([...shown.map(({ point }) => point.id), ...flags.map(({ id }) => id)]);
  return { kind, gauges: shown, flags, rest: points.filter(({ id }) => !taken.has(id)) };
}

function wantedGauges(wanted: readonly Wanted[], points: readonly Point[]): readonly Gauge[] {
  return wanted.flatMap(([name, usual]) =>
    points.filter(({ point }) => name.test(point)).map((point) => (usual === undefined ? { point } : { point, usual })),
  );
}

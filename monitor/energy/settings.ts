import { z } from 'zod';
import { isTimeZone } from '../../core/local-time.ts';
import type { Loaded, Problem } from '../../core/settings.ts';
import { duration } from '../../core/units.ts';
import { MINUTE_MS } from '../local-days.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { message: 'expected a name such as `main` or `hall-2`' });
const pointId = z.string().regex(/^[^/]+\/[^/]+\/[^/]+$/, { message: 'expected `gateway/device/point`' });
const title = z.strictObject({ en: z.string().optional(), ko: z.string().optional() }).default({});

const WINDOWS = { '15m': 15, '30m': 30, '60m': 60 } as const;

/** `energy:` of hub.yaml. */
export const energySchema = z.strictObject({
  timezone: z.string().optional(),
  window: z.enum(['15m', '30m', '60m']).default('15m'),
  hold: duration({ least: MINUTE_MS }).prefault('5m'),
  meters: z
    .array(
      z.strictObject({
        name,
        title,
        counter: pointId.optional(),
        power: pointId.optional(),
        unit: z.enum(['Wh', 'kWh', 'MWh', 'W', 'kW', 'MW']).optional(),
        rollsOverAt: z.number().positive().optional(),
        mostKw: z.number().positive().optional(),
      }),
    )
    .default([]),
  groups: z
    .array(z.strictObject({ name, title, meters: z.array(name).min(1), target: z.number().positive().optional() }))
    .default([]),
});
export type EnergySchema = z.output<typeof energySchema>;
export type Meter = EnergySchema['meters'][number];
export type Group = EnergySchema['groups'][number];

export interface EnergySettings {
  /** Zone of windows, days and months; left out: that of the first meter's site. */
  readonly timezone?: string;
  readonly windowMs: number;
  readonly holdMs: number;
  readonly meters: readonly Meter[];
  /** Every meter is a group of its own as well. */
  readonly groups: readonly Group[];
}

export const NO_ENERGY: EnergySettings = { windowMs: 15 * MINUTE_MS, holdMs: 5 * MINUTE_MS, meters: [], groups: [] };

/** What settings cannot say by their shape alone. */
export function checkEnergy(
  { meters, groups, timezone }: EnergySchema,
  problem: Loaded<unknown>['problem'],
): Problem[] {
  const problems: Problem[] = [];
  const at = (...path: (string | number)[]) => ['energy', ...path] as never;
  const seen = new Set<string>();
  const once = (list: string, index: number, own: string) => {
    if (seen.has(own))
      problems.push(
        problem(at(list, index, 'name'), `\`${own}\` is there twice`, 'meters and groups need names of their own'),
      );
    seen.add(own);
  };
  meters.forEach(({ name: own, counter, power }, index) => {
    once('meters', index, own);
    if ((counter === undefined) === (power === undefined)) {
      problems.push(
        problem(at('meters', index), 'needs `counter` or `power`, and not both', 'a counter of kWh if there is one'),
      );
    }
  });
  const known = new Set(meters.map((meter) => meter.name));
  groups.forEach(({ name: own, meters: wanted }, index) => {
    once('groups', index, own);
    for (const meter of wanted) {
      if (!known.has(meter))
        problems.push(
          problem(
            at('groups', index, 'meters'),
            `there is no meter \`${meter}\``,
            `there are: ${[...known].join(', ')}`,
          ),
        );
    }
    if (new Set(wanted).size < wanted.length)
      problems.push(problem(at('groups', index, 'meters'), 'counts a meter twice', 'name each once'));
  });
  if (timezone !== undefined && !isTimeZone(timezone)) {
    problems.push(problem(at('timezone'), `\`${timezone}\` is no time zone`, 'a name such as Asia/Seoul'));
  }
  return problems;
}

export function energyOf({ timezone, window, hold, meters, groups }: EnergySchema): EnergySettings {
  const own = meters.map(({ name: meter, title: words }) => ({ name: meter, title: words, meters: [meter] }));
  return {
    ...(timezone === undefined ? {} : { timezone }),
    windowMs: WINDOWS[window] * MINUTE_MS,
    holdMs: hold,
    meters,
    groups: [...groups, ...own],
  };
}

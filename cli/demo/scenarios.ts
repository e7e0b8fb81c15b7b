import type { Clock } from '../../core/clock.ts';
import { isAbort } from '../../core/service.ts';

export const SCENARIOS = ['normal', 'crac-failure', 'leak', 'link-down', 'dead-slave'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** The meter that `d` and the scenario dead-slave silence. */
export const DEAD_DEVICE = 'light-meter';

/** Something that happens to the plant: orders to the simulator, and what a visitor is told of it. */
export interface Happening {
  /** Milliseconds after the demo stands. */
  readonly at: number;
  readonly orders: readonly string[];
  readonly says?: string;
}

/** As the plant runs when nothing is wrong: the air conditioner cools. */
export const EVERYDAY: readonly string[] = [
  'set crac-1 fan true',
  'set crac-1 cool-1 true',
  'set crac-1 return-temperature 24',
  'set crac-1 supply-temperature 16',
];

/** Heat builds up in steps of a second. */
function rising(
  from: number,
  seconds: number,
  points: readonly (readonly [point: string, from: number, to: number])[],
): Happening[] {
  return Array.from({ length: seconds }, (_, second) => ({
    at: from + second * 1000,
    orders: points.map(([point, low, high]) => {
      const value = low + ((high - low) * (second + 1)) / seconds;
      return `set ${point} ${value.toFixed(1)}`;
    }),
  }));
}

const CRAC_FAILURE: readonly Happening[] = [
  {
    at: 3000,
    orders: [
      'set crac-1 fan false',
      'set crac-1 cool-1 false',
      'set crac-1 cooling-capacity 0',
      'set crac-1 airflow-lost true',
      'set crac-1 alarm true',
    ],
    says: 'the air conditioner has stopped: its fan stands still, and the room warms up',
  },
  ...rising(4000, 20, [
    ['crac-1 supply-temperature', 16, 24],
    ['crac-1 return-temperature', 24, 33],
    ['cold-aisle temperature', 23, 33],
    ['hot-aisle temperature', 34.5, 43],
  ]),
  { at: 24_000, orders: ['set crac-1 high-temperature true'], says: 'the rack inlets are beyond 32 °C' },
];

const LEAK: readonly Happening[] = [
  {
    at: 3000,
    orders: [
      'set leak-1 leak true',
      'set leak-1 alarm true',
      'set leak-1 leak-distance 37',
      'set leak-1 leak-current 0.31',
    ],
    says: 'water at metre 37 of the sensing cable',
  },
  {
    at: 10_000,
    orders: ['set crac-1 water true', 'set crac-1 alarm true'],
    says: 'the water has reached the air conditioner',
  },
  {
    at: 30_000,
    orders: [
      'set leak-1 leak false',
      'set leak-1 alarm false',
      'set leak-1 leak-distance 0',
      'set leak-1 leak-current 0.02',
    ],
    says: 'the cable has dried: the alarm stays until somebody resets it',
  },
];

/** What happens in a scenario; the link and its cut are the demo's own business. */
export function happenings(scenario: Scenario): readonly Happening[] {
  if (scenario === 'crac-failure') return CRAC_FAILURE;
  if (scenario === 'leak') return LEAK;
  if (scenario !== 'dead-slave') return [];
  return [{ at: 0, orders: [`fault ${DEAD_DEVICE} dead`], says: `${DEAD_DEVICE} is silent: its neighbours go on` }];
}

/** Plays it once, to its end or until the signal aborts. */
export async function play(
  scenario: Scenario,
  to: { readonly order: (line: string) => void; readonly say: (text: string) => void },
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const start = clock.ticks();
  try {
    for (const { at, orders, says } of happenings(scenario)) {
      await clock.sleep(Math.max(0, start + at - clock.ticks()), signal);
      for (const line of orders) to.order(line);
      if (says !== undefined) to.say(says);
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error;
  }
}

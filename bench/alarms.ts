import { systemClock } from '../core/clock.ts';
import {
  feeder,
  GATEWAYS,
  liveAlarm,
  minuteOfAlarms,
  type Parts,
  PER_SECOND,
  Plant,
  percentile,
  SECONDS,
  withHub,
} from './alarm-storm.ts';
import type { Bench, Row } from './report.ts';

/** A minute of 500 transitions a second, in real time; a new alarm by the live lane every 100 ms meanwhile. */
async function storm(parts: Parts): Promise<{ lags: number[]; live: number[]; wrong: number }> {
  const plants = Array.from({ length: GATEWAYS }, (_, i) => new Plant(i));
  const lags: number[] = [];
  const live: number[] = [];
  const told = new Map<string, number>();
  let beganAt = 0;
  let count = 0;
  parts.desk.listen(({ what, alarm }) => {
    if (what !== 'raised' && what !== 'cleared') return;
    const begun = told.get(alarm.id);
    if (begun !== undefined) live.push(systemClock.ticks() - begun);
    else {
      count++;
      lags.push(systemClock.ticks() - beganAt);
    }
  });
  await minuteOfAlarms(parts, plants, (n) => {
    beganAt = systemClock.ticks();
    const seq = 1_000_000 + n;
    const quick = plants[0] as Plant;
    told.set(`${quick.gateway}~${quick.epoch}~${seq}`, beganAt);
    liveAlarm(parts, quick, seq, `live-${n}`);
  });
  return { lags, live, wrong: PER_SECOND * SECONDS - count };
}

/** How many a second the desk takes when all are there at once, as after an outage. */
async function drain(parts: Parts): Promise<number> {
  const plants = Array.from({ length: GATEWAYS }, (_, i) => new Plant(i));
  const give = feeder(parts, plants);
  await give(0);
  const began = systemClock.ticks();
  for (let i = 0; i < 10; i++) await give(60);
  await parts.desk.idle();
  return (10 * 60 * GATEWAYS) / ((systemClock.ticks() - began) / 1000);
}

/** From a live message until whoever listens is told, durably, when nothing else happens. */
async function quiet(parts: Parts): Promise<number[]> {
  const plant = new Plant(0);
  await feeder(parts, [plant])(0);
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const began = systemClock.ticks();
    const heard = new Promise<void>((resolve) => {
      const stop = parts.desk.listen(() => {
        stop();
        resolve();
      });
    });
    liveAlarm(parts, plant, i, `r${i}`);
    await heard;
    times.push(systemClock.ticks() - began);
  }
  return times;
}

export const bench: Bench = {
  name: 'alarms: the desk, durable, in one archive with the readings',
  async run(): Promise<Row[]> {
    const alone = await withHub(quiet);
    const { lags, live, wrong } = await withHub(storm);
    const rate = await withHub(drain);
    const most = (value: number) => ({ of: 'value', most: value }) as const;
    return [
      { what: 'a live alarm until it is told, half within', value: percentile(alone, 0.5), unit: 'ms' },
      { what: '  99 of 100 within', value: percentile(alone, 0.99), unit: 'ms', goal: most(1000) },
      { what: '500 transitions/s for a minute: not told, or told twice', value: wrong, unit: '', goal: most(0) },
      { what: '  stored record until it is told, half within', value: percentile(lags, 0.5), unit: 'ms' },
      { what: '  99 of 100 within', value: percentile(lags, 0.99), unit: 'ms', goal: most(1000) },
      {
        what: '  a live alarm meanwhile, 99 of 100 within',
        value: percentile(live, 0.99),
        unit: 'ms',
        goal: most(1000),
      },
      { what: 'a backlog of alarms', value: rate, unit: 'transitions/s', goal: { of: 'value', least: 500 } },
    ];
  },
};

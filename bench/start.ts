import { quickDevice } from './baselines.ts';
import { type Figures, gatewayFigures, pointsOver } from './one-gateway.ts';
import { type Bench, median } from './report.ts';

const RUNS = 3;
/** A gateway lets go of what its start took once it has settled. */
const SETTLED_MS = 12_000;

/** As deploy/systemd and the container file have it. */
const AS_DEPLOYED = { NODE_ENV: 'production', UV_THREADPOOL_SIZE: '8', MALLOC_ARENA_MAX: '2' };

export const bench: Bench = {
  name: 'start and memory of a gateway, as the unit and the container run it',
  async run() {
    const device = await quickDevice();
    const runs: Figures[] = [];
    for (let i = 0; i < RUNS; i++)
      runs.push(
        await gatewayFigures({
          channels: [`driver: modbus-tcp, port: "tcp://127.0.0.1:${device.port}"`],
          ...{ devices: 1, every: '1s', points: pointsOver(2000), env: AS_DEPLOYED, warmUpMs: SETTLED_MS },
        }),
      );
    device.stop();
    const middle = (of: (figures: Figures) => number) => median(runs.map(of));
    return [
      {
        what: 'start to the first polls, 1,000 points',
        value: middle(({ startMs }) => startMs),
        unit: 'ms',
        goal: { of: 'value', most: 3000 },
      },
      {
        what: 'memory at 1,000 points a second',
        value: middle(({ rssMb }) => rssMb),
        unit: 'MB RSS',
        goal: { of: 'value', most: 120 },
      },
    ];
  },
};

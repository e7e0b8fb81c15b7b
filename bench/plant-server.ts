/** Serves a plant to a benchmark from a process of its own, so that the far end's CPU is not counted. */
import { systemClock } from '../core/clock.ts';
import { quietLog } from '../core/log.ts';
import type { Plant } from '../devices/plant-types.ts';
import { startSimulator } from '../devices/simulator/simulator.ts';

process.once('message', async ({ plant, ptyDir }: { plant: Plant; ptyDir?: string }) => {
  const simulator = await startSimulator(plant, {
    clock: systemClock,
    log: quietLog,
    ...(ptyDir === undefined ? {} : { ptyDir }),
  });
  process.send?.(simulator.endpoints);
  process.once('disconnect', async () => {
    await simulator.stop();
    process.exit(0);
  });
});

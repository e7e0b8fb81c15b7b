import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pickPorts } from '../../e2e/ports.ts';
import { pause, Site } from '../../e2e/site.ts';
import { ForeignBroker } from '../foreign-broker.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, hubCursor, settle } from '../settle.ts';

const plant = oraclePlant(100, '50ms');
/** The longest wait between two attempts to reach the hub, and one handshake. */
const RECOVERS_MS = 75_000;

/** The hub, and with it its broker and all that this one held in memory, ends in good order and starts again. */
async function restart(context: RowContext): Promise<Figures> {
  const site = await Site.start({ plant: plant.yaml, values: 'oracle' });
  const recoveryMs: number[] = [];
  try {
    await site.until(async () => (await site.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      await pause(500 + 1500 * context.random());
      const code = await site.hub.kill('SIGTERM');
      if (code !== 0) throw new Error(`the hub ended with ${code}:\n${site.hub.text}`);
      site.startHub();
      recoveryMs.push(await storesAgain(site));
      context.progress(done + 1);
    }
    const verdict = await settle(site, plant);
    return { faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs, notes: {} };
  } finally {
    await site.stop();
  }
}

/** A broker that answers for the hub stands in the middle; in turn it and the hub are killed. */
async function foreign(context: RowContext): Promise<Figures> {
  const [port = 0] = await pickPorts(1);
  let broker: ForeignBroker | undefined;
  let site: Site | undefined;
  const recoveryMs: number[] = [];
  try {
    site = await Site.start({
      ...{ plant: plant.yaml, values: 'oracle', gatewayTo: () => `mqtts://127.0.0.1:${port}` },
      async prepare(prepared) {
        broker = await ForeignBroker.prepare(prepared, port);
        broker.start();
      },
    });
    const running = site;
    await site.until(async () => (await running.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      await pause(1000 + 2000 * context.random());
      if (done % 2 === 0) {
        // While the hub is away the broker goes on answering, and throws away what its queue cannot hold.
        await site.hub.kill('SIGKILL');
        await pause(1000 + 4000 * context.random());
        site.startHub();
      } else {
        await broker?.kill();
        broker?.start();
      }
      recoveryMs.push(await storesAgain(site));
      context.progress(done + 1);
    }
    const verdict = await settle(site, plant, 180_000);
    return { faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs, notes: {} };
  } finally {
    await site?.stop();
    await broker?.kill();
  }
}

/** From now until the cursor moves on, milliseconds. */
async function storesAgain(site: Site): Promise<number> {
  const startedAt = performance.now();
  await site.hubReady();
  let first: number | undefined;
  const moves = async () => {
    const cursor = await hubCursor(site);
    first ??= cursor;
    return cursor !== undefined && cursor > (first ?? cursor);
  };
  await site.until(moves, 'the hub stores again', RECOVERS_MS);
  expectAlive(site, 'gateway');
  return performance.now() - startedAt;
}

export const brokerRestart: Row = {
  name: 'broker-restart',
  what: 'the hub, with the broker inside it and all that this one remembered, is stopped and started under 2,000 readings/s',
  needs: [],
  sizes: { short: { faults: 2 }, long: { faults: 20 } },
  expect: { declares: false, recoveryMs: RECOVERS_MS },
  run: restart,
};

export const foreignBroker: Row = {
  name: 'foreign-broker',
  what: 'mosquitto, bridged with its 1,000-message queue, stands between gateway and hub; it and the hub are killed in turn',
  needs: ['mosquitto'],
  sizes: { short: { faults: 2 }, long: { faults: 20 } },
  expect: { declares: false, recoveryMs: RECOVERS_MS },
  run: foreign,
};

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import { createLog } from '../core/log.ts';
import type { Plant } from '../devices/plant-types.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'gateway',
  summary: 'run the edge process',
  usage: `Usage: sluice gateway -c gateway.yaml

  -c, --config FILE   the configuration

Reads the devices, keeps every reading in the journal, sends it to the hub. Stops on Ctrl-C or SIGTERM.
Log lines go to stderr: readable on a terminal, JSON otherwise; SLUICE_LOG=debug shows more.

Example: sluice gateway -c /etc/sluice/gateway.yaml`,
  options: { config: { type: 'string', short: 'c' } },
  stopsSoftly: true,
  async run({ values }, io) {
    const file = textOption(values, 'config');
    if (file === undefined) throw new Fault('usage', 'sluice gateway wants -c FILE');
    keepYoungHeapSmall(true);
    doWithoutMaglev();
    const [{ runGateway }, { loadGatewaySettings }, { Metrics }] = await Promise.all([
      import('../gateway/app.ts'),
      import('../gateway/settings.ts'),
      import('../core/metrics.ts'),
    ]);
    const settings = await loadGatewaySettings(file);
    const log = await createLog(`gateway ${settings.gateway}`);
    letGoOfStartup();
    const readings = readingsPerSecond(settings.plant);
    keepYoungHeapSmall(readings < BUSY_READINGS_PER_SECOND);
    if (readings < SPARING_READINGS_PER_SECOND) collectSparingly();
    const cancel = systemClock.after(SETTLED_MS, letGoOfStartup);
    try {
      await runGateway(settings, io.signal, { clock: systemClock, log, metrics: new Metrics() });
    } finally {
      cancel();
    }
    return 0;
  },
};

/** By then everything has been read once, and what that took is garbage too: 25 MB that V8 would keep until its heap grows. */
const SETTLED_MS = 5000;

/** Schemas and parsed files are garbage by now; left alone it stays for minutes, since V8 lets a young heap grow first. */
function letGoOfStartup(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** From about here on a larger young heap pays: a third more polls for 20 MB. */
const BUSY_READINGS_PER_SECOND = 20_000;

/** From about here on the CPU for it is worth more than the memory: 1,000 readings a second take 3.0 instead of 2.2 % of a core. */
const SPARING_READINGS_PER_SECOND = 3000;

/** The heap grows by a tenth between two collections instead of up to four times: 10 MB less. */
function collectSparingly(): void {
  setFlagsFromString('--optimize-for-size');
}

/**
 * V8 lets the young part of its heap grow to 48 MB while a gateway starts, and keeps it: 136 MB instead of 105 MB with 1,000
 * points, for nothing. It has to be said before the heap is used.
 */
function keepYoungHeapSmall(small: boolean): void {
  setFlagsFromString(`--semi-space-growth-factor=${small ? 1 : 2}`);
}

/**
 * The middle one of V8's compilers, on since Node 22, costs 8 MB with 1,000 points: its own code, read in from Node's program, and what it
 * makes. What polls all the time goes on to the last compiler without it.
 */
function doWithoutMaglev(): void {
  setFlagsFromString('--no-maglev');
}

function readingsPerSecond({ devices }: Plant): number {
  const rhythms = devices.flatMap(({ points }) => points.map(({ rhythm }) => rhythm));
  return rhythms.reduce((sum, rhythm) => sum + ('everyMs' in rhythm ? 1000 / rhythm.everyMs : 0), 0);
}

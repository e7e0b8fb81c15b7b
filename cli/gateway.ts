import { systemClock } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import { createLog } from '../core/log.ts';
import { Metrics } from '../core/metrics.ts';
import { runGateway } from '../gateway/app.ts';
import { loadGatewaySettings } from '../gateway/settings.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'gateway',
  summary: 'run the edge process',
  usage: `Usage: sluice gateway -c gateway.yaml

  -c, --config FILE   the configuration

Reads the devices, keeps every reading in the journal, sends it to the hub. Stops on Ctrl-C or SIGTERM.
Log lines go to stderr: readable on a terminal, JSON otherwise; SLUICE_LOG=debug shows more.`,
  options: { config: { type: 'string', short: 'c' } },
  async run(args, io) {
    const file = textOption(args.values, 'config');
    if (file === undefined) throw new Fault('usage', 'sluice gateway wants -c FILE');
    const settings = await loadGatewaySettings(file);
    const log = await createLog(`gateway ${settings.gateway}`);
    await runGateway(settings, io.signal, { clock: systemClock, log, metrics: new Metrics() });
    return 0;
  },
};

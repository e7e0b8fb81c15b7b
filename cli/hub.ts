import { systemClock } from '../core/clock.ts';
import { createLog } from '../core/log.ts';
import { Metrics } from '../core/metrics.ts';
import { runHub } from '../monitor/main.ts';
import { loadHubSettings, parseHubSettings } from '../monitor/settings.ts';
import { DEFAULT_HUB_DATA } from './hub-data.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'hub',
  summary: 'run the cloud process',
  usage: `Usage: sluice hub [-c hub.yaml]

  -c, --config FILE   the configuration (default: data in ${DEFAULT_HUB_DATA}, page on 127.0.0.1:8080,
                      gateways on 0.0.0.0:8883)
      --demo          opens the page to whoever asks from this machine; loopback listeners only

Takes readings from gateways, keeps them, shows them. Stops on Ctrl-C or SIGTERM.

Example: sluice hub -c /etc/sluice/hub.yaml`,
  options: { config: { type: 'string', short: 'c' }, demo: { type: 'boolean' } },
  stopsSoftly: true,
  async run(args, io) {
    // Hashes of passwords and keys lie in the archive: for its owner only.
    process.umask(0o077);
    const file = textOption(args.values, 'config');
    const settings =
      file === undefined
        ? parseHubSettings(`dataDir: ${JSON.stringify(DEFAULT_HUB_DATA)}`)
        : await loadHubSettings(file);
    await runHub(settings, {
      signal: io.signal,
      clock: systemClock,
      log: await createLog('hub'),
      metrics: new Metrics(),
      demo: args.values.demo === true,
      onReady: ({ url, mqttPort, setupUrl }) => {
        io.out(`page      ${url}`);
        io.out(`gateways  port ${mqttPort}`);
        if (setupUrl === undefined) return;
        io.out('Nobody can log in yet. Make the first user within a day, at this address:');
        io.out(`  ${setupUrl}`);
        io.out(`or on this machine: sluice user add NAME --role admin --data ${settings.dataDir}`);
      },
    });
    return 0;
  },
};

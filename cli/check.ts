import { Fault } from '../core/faults.ts';
import { readText } from '../core/settings.ts';
import { loadGatewaySettings } from '../gateway/settings.ts';
import { loadHubSettings } from '../monitor/settings.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'check',
  summary: 'every problem of a configuration',
  usage: `Usage: sluice check -c FILE [--json]

  -c, --config FILE   a gateway.yaml or hub.yaml
      --json          problems as JSON on stderr

Names every problem with file, line and reason. Changes nothing, opens nothing.

Example: sluice check -c /etc/sluice/gateway.yaml`,
  options: { config: { type: 'string', short: 'c' } },
  async run(args, io) {
    const file = textOption(args.values, 'config') ?? args.positionals[0];
    if (file === undefined) throw new Fault('usage', 'sluice check wants -c FILE');
    if (isGatewayText(await readText(file))) {
      const { gateway, plant } = await loadGatewaySettings(file);
      const points = plant.devices.reduce((sum, device) => sum + device.points.length, 0);
      io.out(
        `${file}: good (gateway ${gateway}, ${plant.channels.length} channels, ${plant.devices.length} devices, ${points} points)`,
      );
    } else {
      await loadHubSettings(file);
      io.out(`${file}: good (hub)`);
    }
    return 0;
  },
};

/** A file with any of the keys that only gateways have is taken for a gateway's. */
export function isGatewayText(text: string): boolean {
  return /^(gateway|channels|devices)\s*:/m.test(text);
}

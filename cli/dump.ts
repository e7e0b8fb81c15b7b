import { existsSync } from 'node:fs';
import { stringify } from 'yaml';
import { isoTime } from '../core/clock.ts';
import { makeBundle } from './dump/bundle.ts';
import { readLog } from './dump/log.ts';
import { DEFAULT_GATEWAY_DATA } from './gateway-access.ts';
import { DEFAULT_HUB_DATA } from './hub-data.ts';
import { textOption } from './options.ts';
import { writeOutput } from './output.ts';
import { progressBar } from './progress.ts';
import type { Verb } from './verb.ts';

const DEFAULT_CONFIG = '/etc/sluice/gateway.yaml';

export const verb: Verb = {
  name: 'dump',
  summary: 'a support bundle without secrets',
  usage: `Usage: sluice dump [--redact] [-c FILE] [--data DIR] [-o FILE]

      --redact        names and addresses are replaced too, each by the same stand-in everywhere (device-2, ip-1)
  -c, --config FILE   a gateway.yaml or hub.yaml (default: ${DEFAULT_CONFIG}, if it is there)
      --data DIR      the dataDir (default: as the configuration says)
  -o, --output FILE   default standard output

One YAML file to read through and attach to an issue: versions, configuration and its problems, status, metrics,
journal, what devices refuse, log, serial ports, clock, disk, certificates. Passwords, tokens and keys are never in it.
Works beside a running gateway, on a stopped one and on a broken one: what cannot be had is listed with its reason.

Example: sluice dump --redact -c /etc/sluice/gateway.yaml -o sluice-dump.yaml`,
  options: {
    redact: { type: 'boolean' },
    config: { type: 'string', short: 'c' },
    data: { type: 'string' },
    output: { type: 'string', short: 'o' },
  },
  async run(args, io) {
    const data = textOption(args.values, 'data');
    const preset = data === undefined && existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined;
    const redactNames = args.values.redact === true;
    const { parts, failed } = await makeBundle({
      ...{ config: textOption(args.values, 'config') ?? preset, data, redactNames, clock: io.clock },
      defaults: { gateway: DEFAULT_GATEWAY_DATA, hub: DEFAULT_HUB_DATA },
      ...{ note: io.err, readLog },
    });
    const bundle = { made: isoTime(io.clock.now()), namesReplaced: redactNames, notThere: failed, ...parts };
    const text = args.values.json ? `${JSON.stringify(bundle)}\n` : HEADER + stringify(bundle, READABLE);
    const output = textOption(args.values, 'output');
    await writeOutput(inOne(text), output, progressBar(undefined, io.clock));
    for (const { part, reason } of failed) io.err(`without ${part}: ${reason}`);
    if (output !== undefined) io.err(`${output}: read it through before you hand it on`);
    return 0;
  },
};

const HEADER = `# A support bundle of Sluice. It should hold no password, key or token: read it through before you hand it on.
# \`notThere\` lists what could not be had, and why.
`;

const READABLE = { lineWidth: 0, aliasDuplicateObjects: false };

async function* inOne(text: string): AsyncGenerator<string> {
  yield text;
}

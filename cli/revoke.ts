import { Fault } from '../core/faults.ts';
import { askHub } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'revoke',
  summary: 'shut a gateway out, on the hub',
  usage: `Usage: sluice revoke GATEWAY [--serial S] [--data DIR]

      --serial S     only the certificate with this serial, and its key
      --data DIR     the hub's dataDir (default ${DEFAULT_HUB_DATA})

Its certificates and keys are good for nothing from now on, also after a restore of the hub; a connection
that stands on one ends. To come back it needs a new token. Works beside a running hub.

Example: sluice revoke seoul-plant-1`,
  options: { serial: { type: 'string' }, data: { type: 'string' } },
  async run(args, io) {
    const [gateway, ...rest] = args.positionals;
    if (gateway === undefined || rest.length > 0) throw new Fault('usage', 'sluice revoke takes one gateway');
    const serial = textOption(args.values, 'serial');
    const body = { gateway, ...(serial === undefined ? {} : { serial }) };
    const { revoked } = await askHub<{ revoked: number }>(hubData(args), 'gateway-revoke', body);
    io.out(args.values.json ? JSON.stringify({ revoked }) : `revoked: ${revoked} of ${gateway}`);
    return 0;
  },
};

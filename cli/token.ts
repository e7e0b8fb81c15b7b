import { Fault } from '../core/faults.ts';
import { askHub } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'token',
  summary: 'make a join token, on the hub',
  usage: `Usage: sluice token create [--gateway ID] [--ttl 24h] [--data DIR]

      --gateway ID   only for this gateway; left out: one new id, never an enrolled one
      --ttl TIME     how long it is good (default 24h)
      --data DIR     the hub's dataDir (default ${DEFAULT_HUB_DATA})

Prints the token alone. It is good once. Works beside a running hub.

Example: sluice token create --gateway seoul-plant-1 --ttl 1h`,
  options: { gateway: { type: 'string' }, ttl: { type: 'string' }, data: { type: 'string' } },
  async run(args, io) {
    if (args.positionals[0] !== 'create') throw new Fault('usage', 'sluice token knows: create');
    const gateway = textOption(args.values, 'gateway');
    const ttl = textOption(args.values, 'ttl');
    const body = { ...(gateway === undefined ? {} : { gateway }), ...(ttl === undefined ? {} : { ttl }) };
    const { token } = await askHub<{ token: string }>(hubData(args), 'token-create', body);
    io.out(args.values.json ? JSON.stringify({ token }) : token);
    return 0;
  },
};

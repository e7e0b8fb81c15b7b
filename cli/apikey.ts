import { Fault } from '../core/faults.ts';
import { askHub, DEFAULT_HUB_DATA, hubData } from './hub-access.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'apikey',
  summary: 'keys for programs',
  usage: `Usage: sluice apikey create [--role viewer] [--name NAME] [--data DIR]

      --role ROLE    viewer (default), operator or admin
      --name NAME    what the key is for (default: api)
      --data DIR     the hub's dataDir (default ${DEFAULT_HUB_DATA})

Prints the key alone; it is not shown again. Works beside a running hub.

Example: sluice apikey create --name grafana
         curl -H "Authorization: Bearer $KEY" http://127.0.0.1:8080/api/v1/latest`,
  options: { role: { type: 'string' }, name: { type: 'string' }, data: { type: 'string' } },
  async run(args, io) {
    if (args.positionals[0] !== 'create') throw new Fault('usage', 'sluice apikey knows: create');
    const body = { role: textOption(args.values, 'role') ?? 'viewer', name: textOption(args.values, 'name') ?? 'api' };
    const { key } = await askHub<{ key: string }>(hubData(args), 'apikey-create', body);
    io.out(args.values.json ? JSON.stringify({ key }) : key);
    return 0;
  },
};

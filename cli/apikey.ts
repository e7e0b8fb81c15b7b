import { isoTime } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import { accessFrom } from './access.ts';
import { askHub } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import { textOption } from './options.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'apikey',
  summary: 'keys for programs',
  usage: `Usage: sluice apikey create [--role viewer] [--site SITE]… [--name NAME] [--ttl TIME] [--data DIR]
       sluice apikey list [--data DIR] [--json]
       sluice apikey revoke ID [--data DIR]

      --role ROLE    viewer (default), operator or admin
      --site SITE    sees only gateways of this site; several: the option several times; left out: all
      --name NAME    what the key is for (default: api)
      --ttl TIME     how long it is good, such as 90d (default: until it is revoked)
      --data DIR     the hub's dataDir (default ${DEFAULT_HUB_DATA})

\`create\` prints the key alone; it is not shown again. Works beside a running hub.

Example: sluice apikey create --name grafana --ttl 1y
         curl -H "Authorization: Bearer $KEY" http://127.0.0.1:8080/api/v1/latest`,
  options: {
    role: { type: 'string' },
    site: { type: 'string', multiple: true },
    name: { type: 'string' },
    ttl: { type: 'string' },
    data: { type: 'string' },
  },
  async run(args, io) {
    const [what, id] = args.positionals;
    if (what === 'create') return create(args, io);
    if (what === 'list') return list(args, io);
    if (what !== 'revoke') throw new Fault('usage', 'sluice apikey knows: create, list, revoke');
    if (id === undefined) throw new Fault('usage', 'sluice apikey revoke wants an ID: `sluice apikey list` shows them');
    await askHub(hubData(args), 'apikey-revoke', { id });
    io.err(`key ${id} is revoked`);
    return 0;
  },
};

async function create(args: Arguments, io: Io): Promise<number> {
  const ttl = textOption(args.values, 'ttl');
  const body = {
    ...accessFrom(args.values, 'viewer'),
    name: textOption(args.values, 'name') ?? 'api',
    ...(ttl === undefined ? {} : { ttl }),
  };
  const { id, key } = await askHub<{ id: string; key: string }>(hubData(args), 'apikey-create', body);
  io.out(args.values.json ? JSON.stringify({ id, key }) : key);
  return 0;
}

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly sites: readonly string[] | null;
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}

async function list(args: Arguments, io: Io): Promise<number> {
  const { keys } = await askHub<{ keys: Listed[] }>(hubData(args), 'apikey-list', {});
  if (args.values.json) io.out(JSON.stringify(keys));
  else for (const key of keys) io.out(lineOf(key, io.clock.now()));
  return 0;
}

function lineOf({ id, name, role, sites, expiresAt, usedAt, revokedAt }: Listed, now: number): string {
  const end = expiresAt === null ? 'no end' : `${expiresAt <= now ? 'ended' : 'until'} ${isoTime(expiresAt)}`;
  const state = revokedAt === null ? end : `revoked ${isoTime(revokedAt)}`;
  const used = usedAt === null ? 'never used' : `last used ${isoTime(usedAt)}`;
  return [id, name, sites ? `${role} of ${sites.join(', ')}` : role, state, used].join('\t');
}

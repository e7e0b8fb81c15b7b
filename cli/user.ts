import { isoTime } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import { accessFrom } from './access.ts';
import { askHub } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import { readPassword } from './password.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'user',
  summary: 'people who may log in at the hub',
  usage: `Usage: sluice user add NAME [--role viewer] [--site SITE]… [--password-stdin] [--data DIR]
       sluice user set NAME --role ROLE [--site SITE]… [--data DIR]
       sluice user passwd NAME [--password-stdin] [--data DIR]
       sluice user remove NAME [--data DIR]
       sluice user list [--data DIR] [--json]
       sluice user sessions [--data DIR] [--json]
       sluice user end SESSION [--data DIR]

      --role ROLE        viewer (default of add), operator or admin
      --site SITE        sees only gateways of this site; several: the option several times; left out: all
      --password-stdin   the password is the first line of standard input; else it is asked for
      --data DIR         the hub's dataDir (default ${DEFAULT_HUB_DATA})

A new password ends the sessions that the old one began; \`remove\` ends them too. The last administrator of all
sites stays. Works beside a running hub; everything but the lists goes into the audit log.

Example: sluice user add kim --role operator --site plant-a`,
  options: {
    role: { type: 'string' },
    site: { type: 'string', multiple: true },
    'password-stdin': { type: 'boolean' },
    data: { type: 'string' },
  },
  async run(args, io) {
    const [what = '', name] = args.positionals;
    if (what === 'list') return list(args, io);
    if (what === 'sessions') return sessions(args, io);
    if (!Object.hasOwn(CHANGES, what))
      throw new Fault('usage', 'sluice user knows: add, set, passwd, remove, list, sessions, end');
    if (name === undefined)
      throw new Fault('usage', `sluice user ${what} wants a ${what === 'end' ? 'SESSION' : 'NAME'}`);
    io.err(await (CHANGES[what] as Change)(args, name));
    return 0;
  },
};

/** Answers what there is to say afterwards. */
type Change = (args: Arguments, name: string) => Promise<string>;

const CHANGES: Readonly<Record<string, Change>> = {
  async add(args, name) {
    const access = accessFrom(args.values, 'viewer');
    const password = await readPassword(args.values['password-stdin'] === true);
    await askHub(hubData(args), 'user-add', { name, password, ...access });
    return `${name} may log in as ${access.role}${placesOf(access.sites)}`;
  },
  async set(args, name) {
    const access = accessFrom(args.values);
    await askHub(hubData(args), 'user-set', { name, ...access });
    return `${name} is ${access.role}${placesOf(access.sites)} now`;
  },
  async passwd(args, name) {
    const password = await readPassword(args.values['password-stdin'] === true);
    await askHub(hubData(args), 'user-passwd', { name, password });
    return `${name} has a new password`;
  },
  async remove(args, name) {
    await askHub(hubData(args), 'user-remove', { name });
    return `${name} is no user any more`;
  },
  async end(args, id) {
    await askHub(hubData(args), 'session-end', { id });
    return `session ${id} has ended`;
  },
};

function placesOf(sites: readonly string[] | null): string {
  return sites ? ` of ${sites.join(', ')}` : '';
}

interface Listed {
  readonly name: string;
  readonly role: string;
  readonly sites: readonly string[] | null;
  readonly createdMs: number;
}

async function list(args: Arguments, io: Io): Promise<number> {
  const { users } = await askHub<{ users: Listed[] }>(hubData(args), 'user-list', {});
  if (args.values.json) io.out(JSON.stringify(users));
  else
    for (const { name, role, sites, createdMs } of users)
      io.out(`${name}\t${role}${placesOf(sites)}\tsince ${isoTime(createdMs).slice(0, 10)}`);
  return 0;
}

interface ListedSession {
  readonly id: string;
  readonly name: string;
  readonly via: string;
  readonly usedMs: number;
  readonly address?: string;
  readonly browser?: string;
}

async function sessions(args: Arguments, io: Io): Promise<number> {
  const { sessions: all } = await askHub<{ sessions: ListedSession[] }>(hubData(args), 'session-list', {});
  if (args.values.json) io.out(JSON.stringify(all));
  else
    for (const { id, name, via, usedMs, address = '', browser = '' } of all)
      io.out(`${id}\t${name}\t${via}\tlast used ${isoTime(usedMs)}\t${address}\t${browser}`);
  return 0;
}

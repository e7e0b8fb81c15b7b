import { isoTime } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import { askHub, DEFAULT_HUB_DATA, hubData } from './hub-access.ts';
import { textOption } from './options.ts';
import { readPassword } from './password.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'user',
  summary: 'people who may log in at the hub',
  usage: `Usage: sluice user add NAME [--role viewer] [--password-stdin] [--data DIR]
       sluice user passwd NAME [--password-stdin] [--data DIR]
       sluice user list [--data DIR] [--json]

      --role ROLE        viewer (default), operator or admin
      --password-stdin   the password is the first line of standard input; else it is asked for
      --data DIR         the hub's dataDir (default ${DEFAULT_HUB_DATA})

A new password ends the sessions that the old one began. Works beside a running hub.

Example: sluice user add kim --role admin`,
  options: { role: { type: 'string' }, 'password-stdin': { type: 'boolean' }, data: { type: 'string' } },
  async run(args, io) {
    const [what, name] = args.positionals;
    if (what === 'list') return list(args, io);
    if (what !== 'add' && what !== 'passwd') throw new Fault('usage', 'sluice user knows: add, passwd, list');
    if (name === undefined) throw new Fault('usage', `sluice user ${what} wants a NAME`);
    const password = await readPassword(args.values['password-stdin'] === true);
    const role = textOption(args.values, 'role') ?? 'viewer';
    await askHub(hubData(args), `user-${what}`, what === 'add' ? { name, password, role } : { name, password });
    io.err(what === 'add' ? `${name} may log in as ${role}` : `${name} has a new password`);
    return 0;
  },
};

interface Listed {
  readonly users: readonly { readonly name: string; readonly role: string; readonly createdMs: number }[];
}

async function list(args: Arguments, io: Io): Promise<number> {
  const { users } = await askHub<Listed>(hubData(args), 'user-list', {});
  if (args.values.json) io.out(JSON.stringify(users));
  else
    for (const { name, role, createdMs } of users) io.out(`${name}\t${role}\tsince ${isoTime(createdMs).slice(0, 10)}`);
  return 0;
}

import { z } from 'zod';
import { newKey, shownKey } from './api/keys.ts';
import { accessFields, nameField, passwordField, showAccess, toAccess } from './api/people-fields.ts';
import type { ControlAct } from './control.ts';
import type { HubParts } from './parts.ts';

const named = z.object({ name: nameField });
const newUser = named.extend({ password: passwordField, ...accessFields });

type PeopleParts = Pick<HubParts, 'accounts' | 'setup'>;

/** Users, sessions and keys for commands on the hub's machine. */
export function peopleControl({ accounts, setup }: PeopleParts, act: ControlAct) {
  const { sessions, keys } = accounts;
  return {
    'user-list': async () => ({
      users: (await accounts.users()).map((user) => {
        return { name: user.name, ...showAccess(user), createdMs: user.createdMs };
      }),
    }),
    'user-add': act('user-add', newUser, ['name', 'role', 'sites'], async (body, note) => {
      note({ object: body.name });
      await accounts.addUser({ name: body.name, password: body.password, ...toAccess(body) });
      await setup.settle();
    }),
    'user-set': act('user-set', named.extend(accessFields), ['name', 'role', 'sites'], async (body, note) => {
      note({ object: body.name, before: showAccess(await accounts.setAccess(body.name, toAccess(body))) });
    }),
    'user-passwd': act('user-passwd', named.extend({ password: passwordField }), ['name'], async (body, note) => {
      note({ object: body.name });
      await accounts.setPassword(body.name, body.password);
    }),
    'user-remove': act('user-remove', named, ['name'], async ({ name }, note) => {
      note({ object: name, before: showAccess(await accounts.removeUser(name)) });
    }),
    'session-list': async () => ({ sessions: await sessions.list() }),
    'session-end': act('session-end', z.object({ id: z.string() }), ['id'], async ({ id }, note) => {
      note({ object: id, after: { endedOf: await sessions.end(id) } });
    }),
    'apikey-create': act('apikey-create', newKey, ['name', 'role', 'sites', 'ttl'], async (body, note) => {
      const made = await keys.create({ name: body.name, ...toAccess(body), madeBy: 'console', ttlMs: body.ttl });
      note({ object: made.id });
      return made;
    }),
    'apikey-list': async () => ({ keys: (await keys.list()).map(shownKey) }),
    'apikey-revoke': act('apikey-revoke', z.object({ id: z.string() }), ['id'], async ({ id }, note) => {
      note({ object: id, before: { name: await keys.revoke(id) } });
    }),
  };
}

import { z } from 'zod';
import type { HubContext } from './context.ts';
import { accessFields, atField, nameField, passwordField, showAccess, shownAccess, toAccess } from './people-fields.ts';
import { type AnyRoute, route } from './route.ts';

const params = z.object({ name: nameField });
const newUser = z.object({ name: nameField, password: passwordField, ...accessFields });

/** People who log in with a password here. */
export function userRoutes({ accounts }: HubContext): readonly AnyRoute[] {
  const admins = { role: 'admin', everywhere: true } as const;
  return [
    route({
      method: 'GET',
      path: '/users',
      summary: 'Users of the hub',
      ...admins,
      answer: z.object({ users: z.array(z.object({ name: z.string(), ...shownAccess, createdAt: atField })) }),
      async handle() {
        const users = await accounts.users();
        return {
          users: users.map((user) => ({ name: user.name, ...showAccess(user), createdAt: user.createdMs })),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/users',
      summary: 'Adds a user',
      ...admins,
      recorded: ['name', 'role', 'sites'],
      body: newUser,
      answer: z.object({}),
      status: 201,
      async handle({ body, act }) {
        act.note({ object: body.name });
        await accounts.addUser({ name: body.name, password: body.password, ...toAccess(body) });
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/users/:name',
      summary: 'Changes what a user may do; the last administrator of all sites stays one',
      ...admins,
      recorded: ['role', 'sites'],
      params,
      body: z.object(accessFields),
      answer: z.object({}),
      async handle({ params: { name }, body, act }) {
        act.note({ before: showAccess(await accounts.setAccess(name, toAccess(body))) });
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/users/:name/password',
      summary: 'Sets a new password for somebody; their sessions end',
      ...admins,
      params,
      body: z.object({ password: passwordField }),
      answer: z.object({}),
      async handle({ params: { name }, body }) {
        await accounts.setPassword(name, body.password);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/users/:name/remove',
      summary: 'Removes a user, whose sessions end; the last administrator of all sites stays',
      ...admins,
      params,
      answer: z.object({}),
      async handle({ params: { name }, act }) {
        act.note({ before: showAccess(await accounts.removeUser(name)) });
        return {};
      },
    }),
  ];
}

import { z } from 'zod';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const KIND = 'first-run';
const ID = 'default';

const dismissedSchema = z.object({ by: z.string(), at: z.number() });
const answer = z.object({
  items: z.array(
    z.object({
      key: z.enum(['owner', 'gateway', 'values', 'receiver', 'test', 'plan', 'backup']),
      done: z.boolean(),
    }),
  ),
  backupAt: z.number().nullable().describe('when the last backup was made'),
  dismissed: dismissedSchema.nullable().describe('who has put the list away'),
});

/** What a new hub still needs. Each answer is looked up, none is remembered: what is undone is to be done again. */
export function firstRunRoutes(hub: HubContext): readonly AnyRoute[] {
  const { documents, clock } = hub;
  const dismissed = async () => (await documents.all(KIND))[0];
  return [
    route({
      method: 'GET',
      path: '/first-run',
      summary: 'What is done of what a new hub needs before it can be relied on',
      ...{ role: 'admin', everywhere: true, answer },
      async handle() {
        const [backup] = await hub.audit.acts({ action: 'backup', outcome: 'done' }, 1);
        const held = await dismissed();
        const done = {
          ...(hub.demo ? {} : { owner: !(await hub.setup.isNeeded()) }),
          gateway: hub.points.catalogues().size > 0,
          values: hub.points.list().some(({ id }) => (hub.latest.find(id)?.value ?? null) !== null),
          receiver: hub.notify.senders.size > 0,
          test: await wasAnybodyTold(hub),
          plan: (await documents.list('floor-plan')).length > 0,
          backup: backup !== undefined,
        };
        return {
          items: Object.entries(done).map(([key, is]) => ({ key: key as keyof typeof done, done: is })),
          backupAt: backup?.at ?? null,
          dismissed: held ? dismissedSchema.parse(held.body) : null,
        };
      },
    }),
    route({
      method: 'POST',
      path: '/first-run/dismiss',
      summary: 'Puts the list away for everybody, or brings it back',
      ...{ role: 'admin', everywhere: true },
      body: z.object({ dismissed: z.boolean() }),
      recorded: ['dismissed'],
      answer: z.object({}),
      async handle({ body, who }) {
        const held = await dismissed();
        const change = { kind: KIND, id: ID, from: held?.version ?? 0, by: who?.name ?? '', at: clock.now() } as const;
        if (body.dismissed) {
          await documents.save({ ...change, name: KIND, body: { by: change.by, at: change.at } });
        } else if (held) await documents.remove(change);
        return {};
      },
    }),
  ];
}

async function wasAnybodyTold({ database }: HubContext): Promise<boolean> {
  return (await database.read("SELECT 1 FROM deliveries WHERE state = 'delivered' LIMIT 1")).length > 0;
}

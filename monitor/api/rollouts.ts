import { z } from 'zod';
import { problemSchema as settingsProblem } from '../../cloud-sync/protocol/downlink.ts';
import { duration } from '../../core/units.ts';
import { groupSchema, membersOf } from '../rollouts/group.ts';
import { ringsSchema } from '../rollouts/rings.ts';
import { FAILURES, failuresOf, MEMBER_STATES, ROLLOUT_STATES, type Rollout } from '../rollouts/rollout.ts';
import { TURN_NAMES } from '../rollouts/rollouts.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const WEEK_MS = 7 * 86_400_000;

const asked = z.object({
  group: z.string().describe('id of a document of kind `gateway-group`'),
  change: z.string().describe('YAML: `channels:` and `devices:` by name, see docs/remote-configuration.md'),
  rings: ringsSchema.default(['1', '10%']).describe('sizes: `3`, or `10%` of all; what they leave is the last ring'),
  without: z.array(z.string()).default([]).describe('gateways of the group that are left out'),
});

const head = z.object({
  id: z.number().int(),
  name: z.string(),
  group: z.string(),
  state: z.enum(ROLLOUT_STATES),
  since: z.number().describe('of the state; Unix milliseconds, hub’s clock'),
  why: z
    .enum(['failures', 'restored'])
    .nullable()
    .describe('why it halted: more failures than it tolerates, or the hub was restored from a backup'),
  by: z.string(),
  madeAt: z.number(),
  count: z.record(z.string(), z.number().int()).describe('gateways by state'),
  failures: z.number().int().describe('those that count'),
});

const whole = head.extend({
  change: z.string(),
  rings: z.array(z.string()),
  soakMs: z.number(),
  tolerance: z.number().int(),
  whenAway: z.enum(['wait', 'skip']),
  members: z.array(
    z.object({
      gateway: z.string(),
      ring: z.number().int().describe('from 0'),
      state: z.enum(MEMBER_STATES),
      since: z.number(),
      was: z.number().int().nullable().describe('version that was wanted before'),
      version: z.number().int().nullable().describe('version that this rollout gave it last'),
      reason: z.enum(FAILURES).nullable(),
      detail: z.string().nullable(),
      accepted: z.boolean().describe('somebody went on in spite of this failure'),
    }),
  ),
});

/** One change for many gateways, ring by ring. They go across sites: for whoever has all of them. */
export function rolloutRoutes(hub: HubContext): readonly AnyRoute[] {
  const { rollouts, documents, points } = hub;
  const gatewaysOf = async ({ group, without }: Pick<z.output<typeof asked>, 'group' | 'without'>) => {
    const { body } = await documents.get('gateway-group', group);
    return membersOf(groupSchema.parse(body), points.catalogues()).filter((gateway) => !without.includes(gateway));
  };
  return [
    route({
      method: 'GET',
      path: '/rollouts',
      summary: 'Changes for many gateways, newest first, and how far they are',
      role: 'viewer',
      everywhere: true,
      answer: z.object({ rollouts: z.array(head) }),
      handle: async () => ({ rollouts: (await rollouts.list()).map(headOf) }),
    }),
    route({
      method: 'GET',
      path: '/rollouts/:id',
      summary: 'One of them, with every gateway',
      role: 'viewer',
      everywhere: true,
      params: z.object({ id: z.coerce.number().int() }),
      answer: whole,
      handle: async ({ params: { id } }) => wholeOf(await rollouts.get(id)),
    }),
    route({
      method: 'POST',
      path: '/rollouts/preview',
      summary:
        'What a change would do to each gateway of a group, checked with what each has published; nothing is saved',
      role: 'admin',
      everywhere: true,
      changes: false,
      body: asked,
      answer: z.object({
        gateways: z.array(
          z.object({
            gateway: z.string(),
            ring: z.number().int().nullable().describe('from 0; null: nothing to change, or something is wrong'),
            there: z.boolean(),
            problems: z.array(settingsProblem),
            lines: z.array(
              z.object({
                mark: z.enum([' ', '+', '-']),
                text: z.string(),
                before: z.number().int().optional(),
                after: z.number().int().optional(),
              }),
            ),
          }),
        ),
      }),
      async handle({ body }) {
        const planned = await rollouts.plan(await gatewaysOf(body), body.change, body.rings);
        return {
          gateways: planned.map(({ gateway, ring = null, problems, lines }) => ({
            ...{ gateway, ring, there: hub.fleet.link(gateway).state !== 'offline' },
            ...{ problems: [...problems], lines: [...lines] },
          })),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/rollouts',
      summary: 'Rolls a change out to a group: refused unless it fits every gateway of it',
      role: 'admin',
      everywhere: true,
      body: asked.extend({
        name: z.string().trim().min(1).max(100),
        soak: duration({ least: 0, most: WEEK_MS })
          .prefault('10m')
          .describe('how long each gateway is watched after it has confirmed'),
        tolerance: z.number().int().min(0).max(10_000).default(0).describe('so many may fail; one more halts it'),
        whenAway: z.enum(['wait', 'skip']).default('wait').describe('for a gateway that is away at its turn'),
      }),
      recorded: ['name', 'group', 'change', 'rings', 'without', 'soak', 'tolerance', 'whenAway'],
      answer: whole,
      status: 201,
      async handle({ body: { without, soak, ...terms }, who, act }) {
        const gateways = await gatewaysOf({ group: terms.group, without });
        const rollout = await rollouts.start({ ...terms, soakMs: soak, gateways, by: who?.name ?? '' });
        act.note({ object: `rollout ${rollout.id}`, after: { gateways: gateways.length } });
        return wholeOf(rollout);
      },
    }),
    route({
      method: 'POST',
      path: '/rollouts/:id/turn',
      summary:
        'Pauses it, goes on in spite of what failed, stops it for good, or gives every gateway its former version',
      role: 'admin',
      everywhere: true,
      params: z.object({ id: z.coerce.number().int() }),
      body: z.object({ turn: z.enum(TURN_NAMES) }),
      recorded: ['turn'],
      answer: whole,
      handle: async ({ params: { id }, body: { turn } }) => wholeOf(await rollouts.turn(id, turn)),
    }),
  ];
}

function headOf(rollout: Rollout): z.input<typeof head> {
  const { id, name, group, state, since, why, by, madeAt, members } = rollout;
  const count: Record<string, number> = {};
  for (const member of members) count[member.state] = (count[member.state] ?? 0) + 1;
  return { id, name, group, state, since, why, by, madeAt, count, failures: failuresOf(rollout).length };
}

function wholeOf(rollout: Rollout): z.input<typeof whole> {
  const { change, rings, soakMs, tolerance, whenAway, members } = rollout;
  return {
    ...headOf(rollout),
    ...{ change, rings: [...rings], soakMs, tolerance, whenAway },
    members: members.map(({ gateway, ring, state, since, was, version, reason, detail, isAccepted }) => ({
      ...{ gateway, ring, state, since, was: was ?? null, version: version ?? null },
      ...{ reason: reason ?? null, detail: detail ?? null, accepted: isAccepted ?? false },
    })),
  };
}

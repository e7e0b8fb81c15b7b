import { z } from 'zod';
import { configStates, problemSchema as settingsProblem } from '../../cloud-sync/protocol/downlink.ts';
import { CONFIG_PHASES } from '../fleet/config-phase.ts';
import type { ConfigHead } from '../fleet/config-store.ts';
import { lineDiff } from '../fleet/line-diff.ts';
import { withDevice } from '../fleet/with-device.ts';
import type { HubContext } from './context.ts';
import { knownGateway } from './gateways.ts';
import { type AnyRoute, route } from './route.ts';

/** A text of a MiB, as JSON. */
const MOST_BYTES = 3 * 1024 * 1024;

const params = z.object({ id: z.string() });
const version = z.coerce.number().int().min(0);
const head = z.object({
  version: z.number().int(),
  savedAt: z.number().describe('Unix milliseconds, hub’s clock'),
  savedBy: z.string().describe('a person, or the gateway itself for what it brought'),
});
const outcome = z.object({
  at: z.number(),
  version: z.number().int(),
  outcome: z.enum(['applied', 'refused', 'returned']),
  code: z.string().optional(),
  detail: z.string().optional(),
  problems: z.array(settingsProblem).optional(),
});
const diffLine = z.object({
  mark: z.enum([' ', '+', '-']),
  text: z.string(),
  before: z.number().int().optional(),
  after: z.number().int().optional(),
});
const from = z.number().int().min(0).describe('the version that was changed; 0 if none was wanted yet');

/** What is wanted of a gateway. Whoever saves says which version was changed: nobody overwrites another unseen. */
export function configRoutes(hub: HubContext): readonly AnyRoute[] {
  const { configs } = hub;
  const saved = (gateway: string, { version: at, savedAt, savedBy }: ConfigHead) => {
    hub.line.wants(gateway);
    hub.feed.gateway(gateway);
    return { version: at, savedAt, savedBy };
  };
  return [
    route({
      method: 'GET',
      path: '/gateways/:id/config',
      summary: 'Channels and devices: what is wanted, what the gateway works with, and what became of each version',
      role: 'viewer',
      params,
      answer: z.object({
        phase: z.enum(CONFIG_PHASES).describe('how far the newest version is'),
        managed: z.enum(['file', 'hub']).nullable().describe('who owns it; null: the gateway has not said'),
        state: z.enum(configStates).nullable(),
        wanted: head.extend({ text: z.string() }).nullable(),
        applied: z
          .object({ version: z.number().int(), text: z.string().nullable() })
          .nullable()
          .describe('version 0 is what its own file holds'),
        versions: z.array(head).describe('newest first'),
        outcomes: z.array(outcome).describe('newest first'),
        lastRefusal: outcome.nullable().describe('of the version that is wanted now'),
      }),
      async handle({ params: { id }, sees }) {
        await knownGateway(hub, sees, id);
        const { phase, stand, wanted, applied, versions, outcomes } = await configs.view(id);
        const refusal = outcomes.find((each) => each.version === wanted?.version && each.outcome !== 'applied');
        return {
          ...{ phase, managed: stand?.managed ?? null, state: stand?.state ?? null },
          wanted: wanted ?? null,
          applied: applied ? { version: applied.version, text: applied.text ?? null } : null,
          versions: [...versions],
          outcomes: [...outcomes],
          lastRefusal: refusal ?? null,
        };
      },
    }),
    route({
      method: 'PUT',
      path: '/gateways/:id/config',
      summary:
        'Wants another configuration: YAML of `channels:` and `devices:`; it is sent at once, or when the gateway comes',
      role: 'admin',
      params,
      recorded: ['from'],
      body: z.object({ from, text: z.string() }),
      mostBytes: MOST_BYTES,
      answer: head,
      async handle({ params: { id }, body, who, sees }) {
        await knownGateway(hub, sees, id);
        return saved(id, await configs.save({ ...body, gateway: id, by: who?.name ?? '' }));
      },
    }),
    route({
      method: 'POST',
      path: '/gateways/:id/config/devices',
      summary: 'Wants one device more, with its line if that is new; the rest stays as it is',
      role: 'admin',
      params,
      recorded: ['from', 'device'],
      body: z.object({
        from,
        line: z
          .record(z.string(), z.unknown())
          .optional()
          .describe('an entry of `channels:`; left out or known: it stays'),
        device: z.record(z.string(), z.unknown()).describe('an entry of `devices:`'),
      }),
      answer: head,
      async handle({ params: { id }, body: { from: at, line, device }, who, sees }) {
        await knownGateway(hub, sees, id);
        const text = withDevice((await configs.base(id)).text, line, device);
        return saved(id, await configs.save({ gateway: id, from: at, text, by: who?.name ?? '' }));
      },
    }),
    route({
      method: 'POST',
      path: '/gateways/:id/config/check',
      summary: 'What is wrong with a configuration, and what it would change; nothing is saved',
      role: 'admin',
      params,
      changes: false,
      body: z.object({ text: z.string() }),
      mostBytes: MOST_BYTES,
      answer: z.object({ problems: z.array(settingsProblem), lines: z.array(diffLine) }),
      async handle({ params: { id }, body: { text }, sees }) {
        await knownGateway(hub, sees, id);
        const problems = await configs.problems(id, text);
        return { problems: [...problems], lines: lineDiff((await configs.base(id)).text, text) };
      },
    }),
    route({
      method: 'POST',
      path: '/gateways/:id/config/rollback',
      summary: 'Wants an earlier version again, under a new number',
      role: 'admin',
      params,
      recorded: ['from', 'to'],
      body: z.object({ from, to: z.number().int().min(0) }),
      answer: head,
      async handle({ params: { id }, body, who, sees }) {
        await knownGateway(hub, sees, id);
        const { text } = await configs.text(id, body.to);
        return saved(id, await configs.save({ gateway: id, from: body.from, text, by: who?.name ?? '' }));
      },
    }),
    route({
      method: 'GET',
      path: '/gateways/:id/config/versions/:version',
      summary: 'One version as it was saved',
      role: 'viewer',
      params: params.extend({ version }),
      answer: head.extend({ text: z.string() }),
      async handle({ params: { id, version: at }, sees }) {
        sees.need(id);
        return configs.text(id, at);
      },
    }),
    route({
      method: 'GET',
      path: '/gateways/:id/config/diff',
      summary: 'What makes one version of another, line by line',
      role: 'viewer',
      params,
      query: z.object({ from: version, to: version }),
      answer: z.object({ lines: z.array(diffLine) }),
      async handle({ params: { id }, query, sees }) {
        sees.need(id);
        const [before, after] = [await configs.text(id, query.from), await configs.text(id, query.to)];
        return { lines: lineDiff(before.text, after.text) };
      },
    }),
    route({
      method: 'GET',
      path: '/gateways/:id/config/schema',
      summary: 'What this gateway can be told: JSON Schema, its profiles, drivers and classes, as it published them',
      role: 'viewer',
      params,
      answer: z.object({ document: z.unknown().describe('null before the gateway has sent it') }),
      async handle({ params: { id }, sees }) {
        sees.need(id);
        const text = await configs.schema(id);
        return { document: text === undefined ? null : JSON.parse(text) };
      },
    }),
  ];
}

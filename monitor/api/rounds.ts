import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import type { Sight } from '../auth/sight.ts';
import { partId } from '../documents/parts.ts';
import { SeenDocuments } from '../documents/seen-documents.ts';
import { checkResult } from '../rounds/check-result.ts';
import { DUE_KEYS, dueState } from '../rounds/due.ts';
import { type Round, resultSchema } from '../rounds/round-schema.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const instant = z.number().describe('Unix milliseconds');
const state = z.object({
  state: z.enum(['done', 'open', 'overdue']),
  next: instant.describe('when it must be done next'),
  missed: instant.optional().describe('when it should have been done; only if it is overdue'),
});
const found = resultSchema.extend({
  round: z.string(),
  by: z.string(),
  receivedAt: instant,
  abnormal: z.array(z.string()).readonly().describe('items that were not in order'),
});

/** Inspection rounds [점검]: what is due, and what was found. The rounds themselves are documents of kind `round`. */
export function roundRoutes({ documents, pictures, rounds, clock }: HubContext): readonly AnyRoute[] {
  const seenBy = (sees: Sight) => new SeenDocuments(documents, sees);
  return [
    route({
      method: 'GET',
      path: '/rounds',
      summary: 'Every round, when it was last walked, and whether it is due',
      role: 'viewer',
      answer: z.object({
        now: instant,
        rounds: z.array(
          z.object({
            id: z.string(),
            name: z.string(),
            version: z.number(),
            lastDone: instant.nullable(),
            due: state.optional(),
          }),
        ),
      }),
      async handle({ sees }) {
        const now = clock.now();
        const [all, last] = await Promise.all([seenBy(sees).all('round', DUE_KEYS), rounds.lastDone()]);
        return {
          now,
          rounds: all.map(({ id, name, version, body, since }) => {
            const { due } = body as Round;
            const done = last.get(id);
            return {
              ...{ id, name, version, lastDone: done ?? null },
              ...(due ? { due: dueState(due, now, done, since) } : {}),
            };
          }),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/rounds/:id/results',
      summary: 'What was found, newest first',
      role: 'viewer',
      params: z.object({ id: partId }),
      query: z.object({
        from: z.coerce.number().int().nonnegative().default(0).describe('received at or after, Unix milliseconds'),
        to: z.coerce.number().int().default(Number.MAX_SAFE_INTEGER).describe('received before'),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      answer: z.object({ results: z.array(found) }),
      async handle({ params, query, sees }) {
        if (!sees.isAll) await seenBy(sees).get('round', params.id);
        return { results: [...(await rounds.list(params.id, query))] };
      },
    }),
    route({
      method: 'POST',
      path: '/rounds/:id/results',
      summary: 'Hands in one walk; the same one again changes nothing',
      role: 'operator',
      params: z.object({ id: partId }),
      body: resultSchema,
      answer: found,
      async handle({ params, body, who, sees, act }) {
        act.note({ asked: { walk: body.id, version: body.version } });
        // Whoever walked without a link may have walked an older version.
        const walked = await seenBy(sees).get('round', params.id, body.version);
        const abnormal = [...checkResult(walked.body as Round, body)];
        for (const { photo } of Object.values(body.answers)) {
          if (photo !== undefined && !(await pictures.has(photo)))
            throw new Fault('request-invalid', `the hub does not have the picture ${photo}; send it first`);
        }
        const stored = { ...body, round: params.id, by: who?.name ?? '', receivedAt: clock.now(), abnormal };
        return rounds.add(stored);
      },
    }),
  ];
}

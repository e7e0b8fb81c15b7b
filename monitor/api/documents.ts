import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { hasRole, type Identity } from '../auth/access.ts';
import type { Sight } from '../auth/sight.ts';
import { DOCUMENT_KINDS, type DocumentKind, KINDS } from '../documents/kinds.ts';
import { partId } from '../documents/parts.ts';
import { SeenDocuments } from '../documents/seen-documents.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const kindOnly = z.object({ kind: z.enum(DOCUMENT_KINDS) });
const params = kindOnly.extend({ id: partId });
const head = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number().int(),
  savedAt: z.number().describe('Unix milliseconds, hub’s clock'),
  savedBy: z.string(),
});
const version = z.number().int().min(0).describe('the version that was changed; 0 for a new one');

/** Floor plans, boards and saved trends. Whoever saves says which version was changed: two people never overwrite each other unseen. */
export function documentRoutes({ documents, clock }: HubContext): readonly AnyRoute[] {
  const seenBy = (sees: Sight) => new SeenDocuments(documents, sees);
  return [
    route({
      method: 'GET',
      path: '/documents/:kind',
      summary: 'What there is of a kind',
      role: 'viewer',
      params: kindOnly,
      answer: z.object({ documents: z.array(head) }),
      handle: async ({ params: { kind }, sees }) => ({ documents: [...(await seenBy(sees).list(kind))] }),
    }),
    route({
      method: 'GET',
      path: '/documents/:kind/:id',
      summary: 'One document, as it stands or as it stood',
      role: 'viewer',
      params,
      query: z.object({ version: z.coerce.number().int().min(1).optional() }),
      answer: head.extend({ body: z.unknown() }),
      handle: ({ params: { kind, id }, query, sees }) => seenBy(sees).get(kind, id, query.version),
    }),
    route({
      method: 'GET',
      path: '/documents/:kind/:id/versions',
      summary: 'Its last versions, newest first',
      role: 'viewer',
      params,
      answer: z.object({ versions: z.array(head) }),
      async handle({ params: { kind, id }, sees }) {
        if (!sees.isAll) await seenBy(sees).get(kind, id);
        return { versions: [...(await documents.versions(kind, id))] };
      },
    }),
    route({
      method: 'POST',
      path: '/documents/:kind/:id',
      summary: 'Saves a document; refused if somebody else has saved since',
      role: 'operator',
      params,
      body: z.object({ from: version, body: z.unknown() }),
      answer: head,
      async handle({ params: { kind, id }, body: { from, body: given }, who, sees, act }) {
        const by = editorOf(kind, who);
        const body = checked(kind, given);
        await seenBy(sees).needChange(kind, id, body);
        act.note({ after: { name: body.name, version: from + 1 } });
        return documents.save({ kind, id, name: body.name, body, from, by, at: clock.now() });
      },
    }),
    route({
      method: 'POST',
      path: '/documents/:kind/:id/remove',
      summary: 'Removes a document; its versions are kept for a while',
      role: 'operator',
      params,
      body: z.object({ from: version }),
      answer: z.object({}),
      async handle({ params: { kind, id }, body: { from }, who, sees, act }) {
        await seenBy(sees).needChange(kind, id, {});
        act.note({ before: { version: from } });
        await documents.remove({ kind, id, from, by: editorOf(kind, who), at: clock.now() });
        return {};
      },
    }),
  ];
}

function editorOf(kind: DocumentKind, who: Identity | undefined): string {
  const { edits } = KINDS[kind];
  if (who === undefined || !hasRole(who, edits))
    throw new Fault('forbidden', `to change a ${kind} needs the role ${edits}`);
  return who.name;
}

function checked(kind: DocumentKind, given: unknown) {
  const result = KINDS[kind].schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Fault('request-invalid', problems.slice(0, 20).join('; '));
}

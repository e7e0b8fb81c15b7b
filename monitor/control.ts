import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { ControlHandler } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/log.ts';
import type { EnrolmentDesk } from './api/context.ts';
import { tokenRequest } from './api/enrolment.ts';
import type { KeptFrom } from './archive/trends.ts';
import { toCsv, toNdjson } from './audit/audit-text.ts';
import { askedFor, type Noted, Recording } from './audit/recording.ts';
import { RefusalPace } from './audit/refusal-pace.ts';
import { backUp } from './backup.ts';
import { peopleControl } from './control-people.ts';
import { countRows, openExport } from './export/export.ts';
import { checkRequest, type ExportRequest, exportRequest, findPoints } from './export/request.ts';
import type { HubParts } from './parts.ts';
import type { KnownPoint } from './points.ts';

export interface ControlParts
  extends Pick<HubParts, 'accounts' | 'setup' | 'audit' | 'archive' | 'points' | 'history' | 'trends' | 'database'> {
  readonly keptFrom: () => KeptFrom;
  readonly enrolment: Pick<EnrolmentDesk, 'createToken' | 'revoke' | 'ca'>;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

const revocation = z.object({
  gateway: z.string(),
  serial: z
    .string()
    .regex(/^[0-9a-f]{2,64}$/)
    .optional(),
});

type Note = (noted: Noted) => void;
/** A handler that changes something: its row is in the audit log before it is done. */
export type ControlAct = <S extends z.ZodType>(
  action: string,
  schema: S,
  /** What of the request goes into the row; no secret. */
  recorded: readonly (keyof z.output<S> & string)[],
  handle: (body: z.output<S>, note: Note) => Promise<unknown>,
) => ControlHandler;

/** What the hub does for commands on its machine; the same handlers serve a command that has opened the archive itself. */
export function hubControl(hub: ControlParts): Readonly<Record<string, ControlHandler>> {
  const act: ControlAct = (action, schema, recorded, handle) => async (body) => {
    const recording = new Recording(hub.audit, { address: '', action, object: '' });
    recording.by('console', 'console');
    const parsed = parse(schema, body);
    recording.note(askedFor(parsed, recorded));
    await recording.begin();
    try {
      const answer = await handle(parsed, (noted) => recording.note(noted));
      await recording.done();
      return answer ?? {};
    } catch (error) {
      await recording.ended(error, { pace: new RefusalPace(hub.clock), log: hub.log });
      throw error;
    }
  };
  return {
    ping: async () => ({ process: 'hub' }),
    'token-create': act('token-create', tokenRequest, ['gateway', 'ttl'], async ({ gateway, ttl }) => {
      return { token: await hub.enrolment.createToken({ ...(gateway ? { gateway } : {}), ttlMs: ttl }) };
    }),
    'gateway-revoke': act('gateway-revoke', revocation, ['gateway', 'serial'], async ({ gateway, serial }) => {
      const revoked = await hub.enrolment.revoke(gateway, serial);
      if (revoked === 0) throw new Fault('not-found', `a certificate of gateway ${gateway}`);
      return { revoked };
    }),
    'ca-status': () => hub.enrolment.ca.state(),
    'ca-rotate': act('ca-rotate', z.object({}), [], () => hub.enrolment.ca.rotate()),
    'ca-finish': act('ca-finish', z.object({ force: z.boolean() }), ['force'], ({ force }) =>
      hub.enrolment.ca.finish(force),
    ),
    ...peopleControl(hub, act),
    backup: act('backup', z.object({ folder: z.string().startsWith('/') }), ['folder'], async ({ folder }) =>
      backUp({ ...hub, identity: await hub.archive.identity() }, folder),
    ),
    'audit-export': async (body) => {
      const { format } = parse(z.object({ format: z.enum(['ndjson', 'csv']) }), body);
      return format === 'csv' ? toCsv(hub.audit.rows()) : toNdjson(hub.audit.rows());
    },
    'export-size': async (body) => {
      const request = parse(exportRequest, body);
      return { rows: await countRows(hub, findPoints(hub.points, request.points), request) };
    },
    export: async (body) => exportStream(hub, parse(exportRequest, body)),
  };
}

async function* exportStream(hub: ControlParts, request: ExportRequest): AsyncGenerator<string | Uint8Array, void> {
  const points = findPoints(hub.points, request.points);
  checkRequest(request, points);
  const zoneOf = ({ gateway }: KnownPoint) => hub.points.findCatalogue(gateway)?.timezone ?? 'UTC';
  const parts = { ...hub, zoneOf, now: () => hub.clock.now() };
  yield* (await openExport(parts, points, request)).stream as AsyncIterable<string | Uint8Array>;
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Fault('usage', result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

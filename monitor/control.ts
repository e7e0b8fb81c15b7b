import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { ControlHandler } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import type { EnrolmentDesk } from './api/context.ts';
import { tokenRequest } from './api/enrolment.ts';
import { ROLES } from './archive/people-store.ts';
import type { KeptFrom } from './archive/trends.ts';
import { backUp } from './backup.ts';
import { countRows, openExport } from './export/export.ts';
import { checkRequest, type ExportRequest, exportRequest, findPoints } from './export/request.ts';
import type { HubParts } from './parts.ts';
import type { KnownPoint } from './points.ts';

export interface ControlParts
  extends Pick<HubParts, 'accounts' | 'archive' | 'points' | 'history' | 'trends' | 'database'> {
  readonly keptFrom: () => KeptFrom;
  readonly enrolment: Pick<EnrolmentDesk, 'createToken'>;
  readonly dataDir: string;
  readonly clock: Clock;
}

const nameAndPassword = z.object({ name: z.string(), password: z.string() });

/** What the hub does for commands on its machine; the same handlers serve a command that has opened the archive itself. */
export function hubControl(hub: ControlParts): Readonly<Record<string, ControlHandler>> {
  return {
    ping: async () => ({ process: 'hub' }),
    'token-create': async (body) => {
      const { gateway, ttl } = parse(tokenRequest, body);
      const token = await hub.enrolment.createToken({ ...(gateway ? { gateway } : {}), ttlMs: ttl });
      return { token };
    },
    'user-add': async (body) => {
      const { name, password, role } = parse(nameAndPassword.extend({ role: z.enum(ROLES) }), body);
      await hub.accounts.addUser(name, password, role);
      return {};
    },
    'user-passwd': async (body) => {
      const { name, password } = parse(nameAndPassword, body);
      await hub.accounts.setPassword(name, password);
      return {};
    },
    'user-list': async () => ({ users: await hub.accounts.users() }),
    'apikey-create': async (body) => {
      const { name, role } = parse(z.object({ name: z.string().max(63), role: z.enum(ROLES) }), body);
      return { key: await hub.accounts.createKey(name, role) };
    },
    backup: async (body) => {
      const { folder } = parse(z.object({ folder: z.string().startsWith('/') }), body);
      return backUp({ ...hub, identity: await hub.archive.identity() }, folder);
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

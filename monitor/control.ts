import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { ControlHandler } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import type { EnrolmentDesk } from './api/context.ts';
import { tokenRequest } from './api/enrolment.ts';
import { ROLES } from './archive/people-store.ts';
import { backUp } from './backup.ts';
import { exportParquet } from './export-parquet.ts';
import { csvHeader, exportRows } from './export-rows.ts';
import type { HubParts } from './parts.ts';
import type { KnownPoint } from './points.ts';

export interface ControlParts extends Pick<HubParts, 'accounts' | 'archive' | 'points' | 'history' | 'database'> {
  readonly enrolment: Pick<EnrolmentDesk, 'createToken'>;
  readonly dataDir: string;
  readonly clock: Clock;
}

const nameAndPassword = z.object({ name: z.string(), password: z.string() });
const exportRequest = z.object({
  /** Ids; `*` stands for any characters. */
  points: z.array(z.string()).min(1),
  from: z.number(),
  to: z.number(),
  format: z.enum(['csv', 'ndjson', 'parquet']),
  numbers: z.boolean(),
});
export type ExportRequest = z.output<typeof exportRequest>;

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
      const counts = findPoints(hub, request).map(({ series }) => hub.history.count(series.id, request));
      return { rows: (await Promise.all(counts)).reduce((sum, rows) => sum + rows, 0) };
    },
    export: async (body) => exportStream(hub, parse(exportRequest, body)),
  };
}

async function* exportStream(hub: ControlParts, request: ExportRequest): AsyncGenerator<string | Uint8Array, void> {
  const { format, numbers } = request;
  const points = findPoints(hub, request);
  if (format === 'parquet') {
    yield* parquetStream(hub, points, request);
    return;
  }
  if (format === 'csv') yield csvHeader(numbers);
  for (const point of points) {
    const zone = hub.points.findCatalogue(point.gateway)?.timezone ?? 'UTC';
    yield* exportRows(hub.history, point, request, { format, numbers, zone });
  }
}

/** A Parquet file is finished only at its end: it is made beside the archive, then sent. */
async function* parquetStream(
  { database, dataDir }: ControlParts,
  points: readonly KnownPoint[],
  request: ExportRequest,
): AsyncGenerator<Uint8Array, void> {
  const file = join(dataDir, `export-${randomBytes(6).toString('hex')}.parquet`);
  try {
    await exportParquet(database, points, request, file);
    yield* createReadStream(file) as AsyncIterable<Uint8Array>;
  } finally {
    await rm(file, { force: true });
  }
}

function findPoints({ points }: ControlParts, request: ExportRequest): readonly KnownPoint[] {
  return request.points.flatMap((wanted) => {
    const pattern = new RegExp(`^${wanted.split('*').map(escapeRegExp).join('.*')}$`);
    const found = wanted.includes('*')
      ? points.list().filter((point) => pattern.test(point.id))
      : [points.find(wanted)].filter((point) => point !== undefined);
    if (found.length === 0) throw new Fault('not-found', `point ${wanted}`);
    return found;
  });
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Fault('usage', result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

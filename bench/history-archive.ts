import { DuckDBInstance } from '@duckdb/node-api';
import type { ArchiveBatch } from '../cloud-sync/cloud-hub/archive.ts';
import type { Catalogue } from '../cloud-sync/protocol/catalogue.ts';
import type { ReadingColumn } from '../cloud-sync/protocol/frame.ts';
import { NO_CHAIN } from '../cloud-sync/protocol/numbers.ts';
import type { Database } from '../monitor/archive/database.ts';
import type { DuckArchive } from '../monitor/archive/duck-archive.ts';
import { settle } from '../monitor/archive/settle.ts';
import { DAY_MS } from '../monitor/local-days.ts';
import { reconcile } from '../monitor/reconcile.ts';

export const DAYS = 30;
export const POINTS = 10_000;
const GATEWAYS = 20;
const PER_GATEWAY = POINTS / GATEWAYS;
/** Midnight in Seoul. */
export const START = 1_792_854_000_000;
export const END = START + DAYS * DAY_MS;
const ZONE = 'Asia/Seoul';
/** Of all readings, the share of points that are read each second. */
const FAST_SHARE = 0.78;

/** A plant whose month has about so many readings: a few points at 1 s, the rest of the ten thousand now and then. */
export interface Plant {
  readonly fast: number;
  readonly slowEveryMs: number;
  readonly readingsPerDay: number;
}

export function plantOf(readings: number): Plant {
  const fast = Math.max(1, Math.round((readings * FAST_SHARE) / (DAYS * 86_400)));
  const slowPerDay = Math.max(1, Math.round((readings / DAYS - fast * 86_400) / POINTS));
  return {
    fast,
    slowEveryMs: Math.floor(DAY_MS / slowPerDay),
    readingsPerDay: fast * 86_400 + (POINTS - fast) * slowPerDay,
  };
}

const epochOf = (gateway: number) => (gateway + 1).toString(16).padStart(32, '0');
/** Fast points are the first of each gateway, in turn. */
const FAST = (fast: number) =>
  `((series - 1) % ${PER_GATEWAY}) * ${GATEWAYS} + (series - 1) // ${PER_GATEWAY} < ${fast}`;

export const zoneOf = () => ZONE;

/** The catalogues, through the archive's own door. */
export async function publish(archive: DuckArchive): Promise<void> {
  for (let gateway = 0; gateway < GATEWAYS; gateway++) {
    await archive.append([batchOf(gateway, 0, 'catalogue')]);
  }
}

/** A day's readings as the archive's appender would have written them, in the order they would have come. */
export async function fillDay(database: Database, { fast, slowEveryMs }: Plant, day: number): Promise<void> {
  const from = START + day * DAY_MS;
  const jitter = '(hash(series, s) % 20)::BIGINT';
  await database.write(async (connection) => {
    await connection.run('SET SESSION preserve_insertion_order = true');
    await connection.run(
      `INSERT INTO arrivals
         WITH points AS (SELECT i::INTEGER AS series FROM range(1, ${POINTS + 1}) r(i)),
              taken AS (
                SELECT series, ${from} + s * 1000 + ${jitter} AS at_ms, s FROM points, range(86400) t(s) WHERE ${FAST(fast)}
                UNION ALL
                SELECT series, ${from} + s * ${slowEveryMs} + (series % 977) + ${jitter}, s
                  FROM points, range(${Math.floor(DAY_MS / slowEveryMs)}) t(s) WHERE NOT (${FAST(fast)}))
         SELECT series, (series - 1) // ${PER_GATEWAY} + 1 AS epoch,
                e.next + row_number() OVER (PARTITION BY epoch ORDER BY at_ms // 5000, series, at_ms) - 1 AS seq,
                at_ms, round(200 + 30 * sin(at_ms / 600000.0 + series) + hash(at_ms) % 5) / 10, NULL, 0, 0,
                (at_ms // 5000 + 1) * 5000 + (hash(at_ms // 5000) % 300)::BIGINT
           FROM taken JOIN epochs e ON e.id = (series - 1) // ${PER_GATEWAY} + 1
          ORDER BY at_ms // 5000, epoch, series, at_ms`,
    );
    await connection.run(
      `UPDATE epochs SET next = next + r.n, told = next + r.n, stored = stored + r.n
         FROM (SELECT epoch, count(*) AS n FROM arrivals WHERE at_ms >= ${from} GROUP BY 1) r WHERE r.epoch = epochs.id`,
    );
  });
}

/** The archive of a month, settled day by day as in life. Answers what the archive's own figures say of it: they must agree. */
export async function fill(database: Database, plant: Plant): Promise<void> {
  for (let day = 0; day < DAYS; day++) {
    await fillDay(database, plant, day);
    await settle(database, { before: START + (day + 1) * DAY_MS, arrivedBefore: 0, zoneOf });
  }
  const differences = await reconcile({ database, fleet: { gateways: () => [], journals: () => [] } });
  if (differences.length > 0) throw new Error(`the archive is not what it would be: ${JSON.stringify(differences[0])}`);
}

/** Bytes in use, of the whole archive and of each table, by copying each into a file of its own. */
export async function bytesOf(file: string, tables: readonly string[], scratch: string): Promise<readonly number[]> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const sizes: number[] = [];
  try {
    await connection.run('SET preserve_insertion_order = true');
    for (const table of tables) {
      await connection.run(`ATTACH '${scratch}-${table}' AS part`);
      await connection.run(`CREATE TABLE part.t AS SELECT * FROM ${table}`);
      await connection.run('CHECKPOINT part');
      const size = await connection.runAndReadAll(
        "SELECT used_blocks * block_size FROM pragma_database_size() WHERE database_name = 'part'",
      );
      sizes.push(Number(size.getRows()[0]?.[0]));
      await connection.run('DETACH part');
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return sizes;
}

export function batchOf(gateway: number, first: number, kind: 'catalogue' | readonly number[]): ArchiveBatch {
  const epoch = epochOf(gateway);
  const count = kind === 'catalogue' ? 1 : PER_GATEWAY * kind.length;
  const header = { epoch, first, count, catalogue: 1, boot: 1, chain: NO_CHAIN, clockUncertain: false };
  return {
    gateway: `gateway-${gateway}`,
    epoch,
    frames: [
      kind === 'catalogue'
        ? {
            kind: 'events',
            header: { ...header, kind: 'events' },
            events: [{ event: 'catalogue', at: START, catalogue }],
          }
        : { kind: 'readings', header: { ...header, kind: 'readings' }, columns: columnsOf(kind) },
    ],
    gaps: [],
    cursor: { epoch, next: first + count, chain: NO_CHAIN, catalogue: 1, boots: [[1, 0, NO_CHAIN]] },
    arrivedAt: END,
  };
}

function columnsOf(times: readonly number[]): ReadingColumn[] {
  return Array.from({ length: PER_GATEWAY }, (_, point) => ({
    point,
    times: Float64Array.from(times),
    values: {
      kind: 'number',
      numbers: Float64Array.from(times, (at) => Math.round(200 + 30 * Math.sin(at / 6e5)) / 10),
    },
  }));
}

const catalogue: Catalogue = {
  version: 1,
  site: 'bench',
  timezone: ZONE,
  devices: [{ name: 'd', title: {}, class: 'other', channel: 'c' }],
  points: Array.from({ length: PER_GATEWAY }, (_, number) => ({
    number,
    device: 'd',
    point: `p${number}`,
    title: {},
    unit: '°C',
    kind: 'number',
    type: 'int16',
    everyMs: 1000,
    writable: false,
  })),
  rules: [],
};

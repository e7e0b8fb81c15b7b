import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIGINT, DOUBLE, DuckDBDataChunk, DuckDBInstance, INTEGER, UTINYINT } from '@duckdb/node-api';
import type { ArchiveBatch } from '../cloud-sync/cloud-hub/archive.ts';
import type { Catalogue } from '../cloud-sync/protocol/catalogue.ts';
import type { ReadingColumn } from '../cloud-sync/protocol/frame.ts';
import { NO_CHAIN } from '../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../core/clock.ts';
import { Database } from '../monitor/archive/database.ts';
import { DuckArchive } from '../monitor/archive/duck-archive.ts';
import { ingestPath } from './ingest-path.ts';
import type { Bench, Row } from './report.ts';

const GATEWAYS = 50;
const POINTS = 100;
const FRAMES_PER_COMMIT = 20;
const SCANS = 5;
const READINGS_PER_COMMIT = FRAMES_PER_COMMIT * POINTS * SCANS;
const COMMITS = 100;
const T0 = 1_790_000_000_000;

interface ArchiveFigures {
  readonly perSecond: number;
  readonly commitP50Ms: number;
  readonly commitP99Ms: number;
  readonly bytesPerReading: number;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ingest-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** 50 gateways of 100 points, 20 frames of 500 readings per commit. */
export const bench: Bench = {
  name: 'ingest: durable readings into the archive',
  async run(): Promise<Row[]> {
    const alone = await inFolder((folder) => bare(join(folder, 'bare.duckdb')));
    const stored = await inFolder((folder) => archive(join(folder, 'archive.duckdb')));
    const path = await inFolder(ingestPath);
    const baseline = { what: "DuckDB's appender alone", value: alone };
    const unit = 'readings/s';
    return [
      { what: 'archive: series, numbers, cursors, readings', value: stored.perSecond, unit, baseline },
      { what: '  half of the commits of 10,000 readings within', value: stored.commitP50Ms, unit: 'ms' },
      { what: '  99 of 100 within', value: stored.commitP99Ms, unit: 'ms' },
      { what: '  on disk', value: stored.bytesPerReading, unit: 'B/reading' },
      {
        what: 'TLS, broker, decoding, archive; 8 gateways in one process',
        value: path,
        unit,
        baseline,
        goal: { of: 'value', least: 150_000 },
      },
    ];
  },
};

async function archive(file: string): Promise<ArchiveFigures> {
  const database = await Database.open(file, systemClock);
  const store = await DuckArchive.create(database);
  const next = new Array<number>(GATEWAYS).fill(0);
  await store.append(next.map((_, gateway) => batchOf(gateway, next, 'catalogue')));
  const times: number[] = [];
  const began = performance.now();
  for (let commit = 0; commit < COMMITS; commit++) {
    const from = performance.now();
    const frames = Array.from({ length: FRAMES_PER_COMMIT }, (_, i) => (commit * FRAMES_PER_COMMIT + i) % GATEWAYS);
    await store.append(frames.map((gateway) => batchOf(gateway, next, 'readings')));
    times.push(performance.now() - from);
  }
  const seconds = (performance.now() - began) / 1000;
  const [row] = await database.read('SELECT count(*) AS n FROM readings');
  if (row?.n !== COMMITS * READINGS_PER_COMMIT) throw new Error(`stored ${row?.n}`);
  await database.run('CHECKPOINT');
  const [size] = await database.read('SELECT (SELECT used_blocks * block_size FROM pragma_database_size()) AS bytes');
  await database.close();
  times.sort((a, b) => a - b);
  return {
    perSecond: Math.round((COMMITS * READINGS_PER_COMMIT) / seconds),
    commitP50Ms: times[Math.floor(times.length * 0.5)] ?? 0,
    commitP99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    bytesPerReading: Number(size?.bytes) / (COMMITS * READINGS_PER_COMMIT),
  };
}

function batchOf(index: number, next: number[], kind: 'catalogue' | 'readings'): ArchiveBatch {
  const epoch = index.toString(16).padStart(32, '0');
  const first = next[index] ?? 0;
  const count = kind === 'catalogue' ? 1 : POINTS * SCANS;
  next[index] = first + count;
  const header = {
    kind: 'events',
    epoch,
    first,
    count,
    catalogue: 1,
    boot: 1,
    chain: NO_CHAIN,
    clockUncertain: false,
  } as const;
  return {
    gateway: `gateway-${index}`,
    epoch,
    frames: [
      kind === 'catalogue'
        ? { kind: 'events', header, events: [{ event: 'catalogue', at: T0, catalogue }] }
        : { kind: 'readings', header: { ...header, kind }, columns: columnsOf(first) },
    ],
    gaps: [],
    cursor: { epoch, next: first + count, chain: NO_CHAIN, catalogue: 1, boots: [[1, 0, NO_CHAIN]] },
    arrivedAt: T0 + first,
  };
}

const catalogue: Catalogue = {
  version: 1,
  site: 'bench',
  timezone: 'UTC',
  devices: [{ name: 'd', title: {}, class: 'other', channel: 'c' }],
  points: Array.from({ length: POINTS }, (_, number) => ({
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

function columnsOf(first: number): ReadingColumn[] {
  return Array.from({ length: POINTS }, (_, point) => {
    const times = Float64Array.from({ length: SCANS }, (_, scan) => T0 + (first / POINTS + scan) * 1000);
    const numbers = times.map((at) => Math.round(200 + 30 * Math.sin(at / 60_000 + point)) / 10);
    return { point, times, values: { kind: 'number', numbers } };
  });
}

const BARE_TYPES = [INTEGER, INTEGER, BIGINT, BIGINT, DOUBLE, UTINYINT];
const CHUNK = 2000;

async function bare(file: string): Promise<number> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(
    'CREATE TABLE r (series INTEGER, epoch INTEGER, seq BIGINT, at_ms BIGINT, value DOUBLE, fault UTINYINT)',
  );
  const appender = await connection.createAppender('r');
  const began = performance.now();
  for (let commit = 0; commit < COMMITS; commit++) {
    await connection.run('BEGIN');
    for (let done = 0; done < READINGS_PER_COMMIT; done += CHUNK) {
      const chunk = DuckDBDataChunk.create(BARE_TYPES, CHUNK);
      const vectors = BARE_TYPES.map((_, index) => chunk.getColumnVector(index));
      for (let i = 0; i < CHUNK; i++) {
        const n = commit * READINGS_PER_COMMIT + done + i;
        const at = T0 + Math.floor(n / 5000) * 1000;
        const row = [
          n % 5000,
          n % GATEWAYS,
          BigInt(n),
          BigInt(at),
          Math.round(200 + 30 * Math.sin(at / 60_000 + n)) / 10,
          0,
        ];
        for (const [index, value] of row.entries()) vectors[index]?.setItem(i, value);
      }
      for (const vector of vectors) vector.flush();
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
    await connection.run('COMMIT');
  }
  const seconds = (performance.now() - began) / 1000;
  appender.closeSync();
  connection.closeSync();
  instance.closeSync();
  return Math.round((COMMITS * READINGS_PER_COMMIT) / seconds);
}

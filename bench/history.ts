import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../cli/demo/free-ports.ts';
import { systemClock } from '../core/clock.ts';
import { Database } from '../monitor/archive/database.ts';
import { DuckArchive } from '../monitor/archive/duck-archive.ts';
import { settle } from '../monitor/archive/settle.ts';
import { DAY_MS } from '../monitor/local-days.ts';
import { archiveFile, openParts } from '../monitor/parts.ts';
import { prune } from '../monitor/retention.ts';
import { SluiceProcess } from '../test/e2e/sluice-process.ts';
import {
  batchOf,
  bytesOf,
  DAYS,
  END,
  fill,
  fillDay,
  type Plant,
  plantOf,
  publish,
  START,
  zoneOf,
} from './history-archive.ts';
import { type Bench, median, type Row } from './report.ts';

/** `SLUICE_BENCH_READINGS=100000000` is the size that the goals speak of; it takes some minutes and 2 GB of disk. */
const READINGS = Number(process.env.SLUICE_BENCH_READINGS ?? 20_000_000);
const ASKED = 7;

/** 10,000 points of 20 gateways over 30 days, settled day by day; then the hub itself is started on them and asked. */
export const bench: Bench = {
  name: `history: ${READINGS / 1e6} M readings of 10,000 points in 30 days`,
  async run(): Promise<Row[]> {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-history-'));
    const plant = plantOf(READINGS);
    try {
      mkdirSync(join(dir, 'data'));
      const file = archiveFile(join(dir, 'data'));
      const database = await Database.open(file, systemClock);
      await publish(await DuckArchive.create(database));
      await fill(database, plant);
      await database.run('CHECKPOINT');
      await database.close();
      return [...(await sizes(file, plant)), ...(await asked(dir)), ...(await housekept(file, plant))];
    } finally {
      if (process.env.SLUICE_BENCH_KEEP === undefined) rmSync(dir, { recursive: true, force: true });
      else console.log(`kept ${dir}`);
    }
  },
};

async function sizes(file: string, plant: Plant): Promise<Row[]> {
  const tables = ['settled', 'minutes', 'hours', 'days'];
  const bytes = await bytesOf(file, tables, `${file}-part`);
  for (const table of tables) rmSync(`${file}-part-${table}`);
  const readings = plant.readingsPerDay * DAYS;
  return tables.map((table, index) => ({
    what: index === 0 ? 'readings, settled' : `  their rollups, ${table}`,
    value: (bytes[index] ?? 0) / readings,
    unit: 'B/reading',
    ...(index === 0 ? { goal: { of: 'value', most: 4 } as const } : {}),
  }));
}

/** The hub as people run it, in a process of its own. */
async function asked(dir: string): Promise<Row[]> {
  const data = join(dir, 'data');
  const parts = await openParts({ file: archiveFile(data), clock: systemClock });
  const key = (
    await parts.accounts.keys.create({
      name: 'bench',
      role: 'viewer',
      sites: undefined,
      madeBy: 'bench',
      ttlMs: undefined,
    })
  ).key;
  await parts.close();
  const [http, mqtt] = (await freePorts(2)) as [number, number];
  const config = join(dir, 'hub.yaml');
  const listens = `http: { listen: 127.0.0.1:${http} }\nmqtt: { listen: 127.0.0.1:${mqtt} }`;
  writeFileSync(config, `dataDir: ${data}\n${listens}\n`);
  const began = performance.now();
  const hub = new SluiceProcess(['hub', '-c', config], { env: { SLUICE_LOG: 'warn' } });
  try {
    const base = `http://127.0.0.1:${http}`;
    while (!(await fetch(`${base}/readyz`).catch(() => undefined))?.ok) {
      if (hub.isOver) throw new Error(hub.lines.join('\n'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const readyMs = performance.now() - began;
    const get = async (path: string) => {
      const response = await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${key}` } });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text;
    };
    const timed = async (path: string) => {
      const times: number[] = [];
      for (let i = 0; i < ASKED; i++) {
        const from = performance.now();
        await get(path);
        times.push(performance.now() - from);
      }
      return { first: times[0] ?? 0, again: median(times) };
    };
    const of = 'value' as const;
    const point = 'point=gateway-0/d/p0';
    const chart = await timed(`/api/v1/readings?${point}&from=${START}&to=${END}&width=1000`);
    const day = await timed(`/api/v1/readings?${point}&from=${END - DAY_MS}&to=${END}&width=1000`);
    const raw = await timed(`/api/v1/readings?${point}&from=${START}&to=${END}&step=2592500&agg=min,max`);
    const year = await timed(`/api/v1/readings?${point}&from=${END - 365 * DAY_MS}&to=${END}&width=1000`);
    const days = await timed(`/api/v1/readings?${point}&from=${END - 365 * DAY_MS}&to=${END}&step=1d`);
    const latest = await timed('/api/v1/latest');
    const rss = Number(/^process_resident_memory_bytes (.*)$/m.exec(await get('/metrics'))?.[1]) / 1e6;
    return [
      { what: 'the hub is ready after', value: readyMs, unit: 'ms', goal: { of, most: 10_000 } },
      { what: '30 days at 1 s to 1,000 columns, first time', value: chart.first, unit: 'ms', goal: { of, most: 300 } },
      { what: '  again', value: chart.again, unit: 'ms', goal: { of, most: 300 } },
      { what: '  by steps that no rollup fits: 2.6 M readings', value: raw.again, unit: 'ms', goal: { of, most: 300 } },
      { what: 'a day to 1,000 columns', value: day.again, unit: 'ms' },
      { what: 'a year to 1,000 columns', value: year.again, unit: 'ms', goal: { of, most: 200 } },
      { what: 'a year by day', value: days.again, unit: 'ms', goal: { of, most: 200 } },
      { what: 'latest of 10,000 points', value: latest.again, unit: 'ms', goal: { of, most: 50 } },
      { what: 'memory of the hub after that', value: rss, unit: 'MB RSS', goal: { of, most: 600 } },
    ];
  } finally {
    await hub.kill();
  }
}

const ROUND_MS = 100;

/** Commits of 500 readings, ten a second, while a day is settled and another is removed. */
async function housekept(file: string, plant: Plant): Promise<Row[]> {
  const database = await Database.open(file, systemClock);
  const archive = await DuckArchive.create(database);
  try {
    await fillDay(database, plant, DAYS);
    const next = (await archive.cursors('gateway-19'))[0]?.next ?? 0;
    const fresh = await DuckArchive.create(database);
    let isOver = false;
    const began = performance.now();
    const work = settle(database, { before: END + DAY_MS, arrivedBefore: 0, zoneOf })
      .then(() => prune(database, { raw: DAY_MS }, START + 4 * DAY_MS))
      .finally(() => (isOver = true));
    const times: number[] = [];
    let first = Number((await fresh.cursors('gateway-19'))[0]?.next ?? next);
    while (!isOver || times.length < 100) {
      const from = performance.now();
      await fresh.append([batchOf(19, first, [END + 2 * DAY_MS + first])]);
      first += 500;
      times.push(performance.now() - from);
      await systemClock.sleep(Math.max(0, ROUND_MS - (performance.now() - from)));
    }
    await work;
    const seconds = (performance.now() - began) / 1000;
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor((times.length - 1) * share)] ?? 0;
    return [
      { what: 'commits while a day is settled and three are removed: p50', value: at(0.5), unit: 'ms' },
      { what: '  p99', value: at(0.99), unit: 'ms', goal: { of: 'value', most: 200 } },
      { what: '  the longest', value: at(1), unit: 'ms' },
      { what: '  the housekeeping', value: seconds, unit: 's' },
    ];
  } finally {
    await database.close();
  }
}

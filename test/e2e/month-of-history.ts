import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { Database } from '../../monitor/archive/database.ts';
import { DuckArchive } from '../../monitor/archive/duck-archive.ts';
import { settle } from '../../monitor/archive/settle.ts';
import { archiveFile } from '../../monitor/parts.ts';
import { catalogue, column, entry, Journal } from '../monitor/support/batches.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const DAYS = 30;
export const TEMPERATURE = 'plant-1/aisle/temp';
export const POWER = 'plant-1/meter/power';
export const RUNNING = 'plant-1/meter/running';
export const LIMIT = 27;

export interface Month {
  /** The last reading; everything else is told from here. */
  readonly end: number;
  /** Nothing was read. */
  readonly gap: readonly [number, number];
  /** No valid value. */
  readonly bad: readonly [number, number];
  /** Read in time, but came three hours late. */
  readonly late: readonly [number, number];
  /** One reading, far above the others. */
  readonly spike: number;
  readonly alarm: readonly [number, number];
}

/** Thirty days of a point read every second, through the archive's own door, with all that can be wrong with it; and the hub's settings. */
export async function writeMonth(dir: string, now: number, ports: readonly [number, number]): Promise<Month> {
  const end = Math.floor(now / 1000) * 1000;
  const month: Month = {
    end,
    gap: [end - 20 * HOUR, end - 18 * HOUR],
    bad: [end - 10 * HOUR, end - 9 * HOUR],
    late: [end - 6 * HOUR, end - 5 * HOUR],
    spike: end - 12 * DAY,
    alarm: [end - 4 * HOUR, end - 3 * HOUR],
  };
  const data = join(dir, 'data');
  mkdirSync(data, { recursive: true });
  const database = await Database.open(archiveFile(data), systemClock);
  const archive = await DuckArchive.create(database);
  const journal = new Journal();
  await archive.append([journal.batch([journal.publish(known, end - DAYS * DAY)])]);
  for (let from = end - DAYS * DAY; from < end; from += HOUR) {
    const to = Math.min(end, from + HOUR);
    const frames = [journal.readings(columnsOf(month, from, to))];
    if (from === month.alarm[0]) frames.push(journal.events(alarm(month, true), alarm(month, false)));
    const arrivedAt = from === month.late[0] ? to + 3 * HOUR : from;
    await archive.append([journal.batch(frames, { arrivedAt })]);
  }
  await settle(database, { before: end - DAY, arrivedBefore: 0, zoneOf: () => 'Asia/Seoul' });
  await database.run('CHECKPOINT');
  await database.close();
  writeFileSync(join(dir, 'hub.yaml'), hubYaml(data, ports));
  return month;
}

const known = {
  ...catalogue([
    entry(0, 'aisle', 'temp', { title: { en: 'Temperature', ko: '온도' }, everyMs: 1000 }),
    entry(1, 'meter', 'power', { title: { en: 'Power', ko: '전력' }, unit: 'kW', everyMs: 60_000 }),
    entry(2, 'meter', 'running', {
      ...{ kind: 'boolean', type: 'bool', unit: undefined },
      title: { en: 'Running', ko: '운전' },
      everyMs: 60_000,
    }),
  ]),
  rules: [
    {
      ...{ device: 'aisle', id: 'temp/above', point: 'temp', priority: 'high' as const },
      text: { en: 'Aisle too warm', ko: '복도 온도 높음' },
      action: { en: 'Check the cooling', ko: '냉방 확인' },
      condition: { kind: 'above', limit: LIMIT, deadband: 0.5 },
    },
  ],
};

function alarm({ alarm: [raised, cleared] }: Month, active: boolean) {
  const at = active ? raised : cleared;
  return {
    ...{ event: 'alarm' as const, at, device: 'aisle', rule: 'temp/above', point: 'temp' },
    active,
    value: 27.5,
  };
}

function columnsOf(month: Month, from: number, to: number) {
  const rows = (everyMs: number, read: (at: number) => Outcome | undefined) => {
    const found: [number, Outcome][] = [];
    for (let at = from; at < to; at += everyMs) {
      const outcome = read(at);
      if (outcome) found.push([at, outcome]);
    }
    return found;
  };
  const within = (at: number, [start, end]: readonly [number, number]) => at >= start && at < end;
  const temperature = rows(1000, (at) => {
    if (within(at, month.gap)) return undefined;
    if (within(at, month.bad)) return bad('no-answer');
    if (at === month.spike) return good(60);
    // Nothing that is written of the others may hang on the last one.
    if (at >= month.end - 1000) return good(24);
    return good(Math.round(230 + 20 * Math.sin((at / DAY) * 2 * Math.PI) + (at % 7000) / 1000) / 10);
  });
  const power = rows(60_000, (at) => good(40 + 8 * Math.sin((at / DAY) * 2 * Math.PI) + (at % 420_000) / 1e5));
  const running = rows(60_000, (at) => good(Math.floor(at / (4 * HOUR)) % 2 === 0));
  return [...(temperature.length > 0 ? [column(0, temperature)] : []), column(1, power), column(2, running)];
}

function hubYaml(data: string, [http, mqtt]: readonly [number, number]): string {
  return `dataDir: ${data}
http: { listen: 127.0.0.1:${http} }
mqtt: { listen: 127.0.0.1:${mqtt} }
energy:
  # Beyond how long its tests look at it: what ends with this file would leave a hole in the hour that runs.
  hold: 1h
  meters:
    - { name: main, title: { en: Main supply, ko: 수전 }, power: ${POWER} }
  groups:
    - { name: plant, title: { en: Whole plant, ko: 전체 }, meters: [main], target: 46 }
`;
}

import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveFile } from '../../monitor/parts.ts';
import { seeded } from '../support/mutate.ts';
import type { Journalled } from '../support/reports.ts';
import { FLAWLESS, judge, type Verdict } from './oracle.ts';
import { oraclePlant } from './oracle-plant.ts';
import { pause, Site } from './site.ts';

const ROUNDS = 20;
/** On a machine that is busy otherwise the last rounds no longer wait for anything. */
const PATIENCE_MS = 90_000;
// The same each time, so that a red run means a change; `npm run faults` looks further.
const SEED = Number(process.env.SLUICE_SEED ?? 20261121);
const plant = oraclePlant(100, '50ms');
let site: Site;
let journalled: Journalled = new Map();

beforeAll(async () => {
  site = await Site.start({ plant: plant.yaml, values: 'oracle' });
});
afterAll(() => site?.stop());

describe('kill -9 under load', () => {
  test(`gateway and hub in turn, ${ROUNDS} times each: nothing lost, nothing twice`, { timeout: 240_000 }, async () => {
    const random = seeded(SEED);
    // Three of four under load, when it has brought something since it began; the rest at any moment, as in mid-start.
    const instant = async (progress: () => Promise<number | undefined>) => {
      const endOfWait = Math.min(Date.now() + 8000, begunAt + PATIENCE_MS);
      const [atAnyMoment, ms] = [random() < 0.25, 1000 * random()];
      let before: number | undefined;
      while (!atAnyMoment && Date.now() < endOfWait) {
        const now = await progress();
        before ??= now;
        if (now !== undefined && now > (before ?? now)) break;
        await pause(20);
      }
      await pause(ms);
    };
    const journalledNext = async () => [...site.journalled.values()][0];
    const hubCursor = () =>
      site
        .shown()
        .then(({ cursor }) => Number(cursor))
        .catch(() => undefined);
    await site.until(async () => (await site.latest()).size === plant.pointOf.size, 'values at the hub');
    const begunAt = Date.now();
    const hubLives = [begunAt];
    for (let round = 0; round < ROUNDS; round++) {
      await instant(journalledNext);
      expectAlive('gateway');
      await site.gateway.kill('SIGKILL');
      site.startGateway();
      await instant(hubCursor);
      expectAlive('hub');
      await site.hub.kill('SIGKILL');
      site.startHub();
      hubLives.push(Date.now());
    }
    await site.hubReady();
    journalled = await site.drain();
    await site.gateway.kill();
    expect(await site.hub.kill()).toBe(0);

    const verdict = await judge(archiveFile(site.hubDir), journalled, plant.pointOf);
    const livesThatStored = await countLives(archiveFile(site.hubDir), hubLives);
    console.log(
      `kill -9, ${ROUNDS} times each: ${JSON.stringify({ ...verdict, reused: site.reports.reused, livesThatStored, seed: SEED })}`,
    );
    expect(verdict).toMatchObject({ ...FLAWLESS, stored: verdict.journalled });
    expect(site.reports.reused, 'journalled is journalled: no number stands for two records').toBe(0);
    expect(journalled.size, 'one journal, never a new one').toBe(1);
    expect(verdict.journalled).toBeGreaterThan(10_000);
    expect(livesThatStored, 'the hub was killed while it stored').toBeGreaterThan(ROUNDS / 3);
  });
});

/** Doctored copies of that very archive: an oracle that cannot fail proves nothing. */
describe('the oracle', () => {
  const row =
    '(SELECT r.seq FROM readings r WHERE r.fault = 0 AND r.value > 10000000 ORDER BY r.seq LIMIT 1 OFFSET 1000)';

  test.each<{ flaw: string; sql: string; caught: Partial<Verdict> }>([
    { flaw: 'a row deleted', sql: `DELETE FROM arrivals WHERE seq = ${row}`, caught: { undeclared: 1 } },
    {
      flaw: 'a row doubled',
      sql: `INSERT INTO arrivals SELECT * FROM arrivals WHERE seq = ${row}`,
      caught: { twice: 1, disordered: 1 },
    },
    {
      flaw: 'a value of another point',
      sql: `UPDATE arrivals SET value = value - 10000000 WHERE seq = ${row}`,
      caught: { misplaced: 1 },
    },
    {
      flaw: 'two values of a point exchanged',
      sql: `UPDATE arrivals SET value = value - 5 WHERE seq = ${row}`,
      caught: { disordered: 1 },
    },
    {
      flaw: 'a gap declared where nothing is missing',
      sql: `INSERT INTO gaps SELECT gateway, epoch, 1000, 1010, 'journal-damaged', NULL, 0 FROM epochs`,
      caught: { declared: 10, falselyDeclared: 10 },
    },
    { flaw: 'a cursor behind its rows', sql: 'UPDATE epochs SET next = next - 1', caught: { cursorsOff: 1 } },
  ])('catches $flaw', async ({ sql, caught }) => {
    const copy = join(site.dir, 'doctored.duckdb');
    copyFileSync(archiveFile(site.hubDir), copy);
    const instance = await DuckDBInstance.create(copy);
    const connection = await instance.connect();
    await connection.run(sql);
    connection.closeSync();
    instance.closeSync();
    const verdict = await judge(copy, journalled, plant.pointOf);
    rmSync(copy);
    expect(verdict).toMatchObject({ ...FLAWLESS, ...caught });
  });
});

/** Dead before it was killed: a start that failed, or a crash. */
function expectAlive(name: 'gateway' | 'hub'): void {
  const child = site[name];
  if (child.isOver)
    throw new Error(`the ${name} ended by itself (seed ${SEED}):\n${child.lines.slice(-20).join('\n')}`);
}

/** In how many of the hub's lives, which began at these times, did rows arrive? */
async function countLives(archive: string, begun: readonly number[]): Promise<number> {
  const instance = await DuckDBInstance.create(archive, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll('SELECT DISTINCT arrived_ms FROM readings');
  const arrivals = answer.getRows().map(([at]) => Number(at));
  connection.closeSync();
  instance.closeSync();
  return begun.filter((from, life) => arrivals.some((at) => at >= from && at < (begun[life + 1] ?? Infinity))).length;
}

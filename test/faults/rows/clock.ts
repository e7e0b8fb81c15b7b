import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { archiveFile } from '../../../monitor/parts.ts';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { getJson, pause, Site } from '../../e2e/site.ts';
import { HeldUp } from '../../support/held-up.ts';
import { findFaketime } from '../needs.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, settle } from '../settle.ts';

const plant = oraclePlant(100, '50ms');
const HOUR_S = 3600;
const DAY_S = 86_400;
/** Since 1970, seconds: a Pi without a battery clock. */
const TO_1970_S = -Math.floor(Date.now() / 1000) + DAY_S;
/** What the clock shows besides the truth, in turn. */
const OFFSETS_S = [-HOUR_S, 0, 30 * DAY_S, 0, 365 * DAY_S, 0, TO_1970_S, 0];
/** A stamp that is not marked may differ from the time of arrival by what a commit and a reconnect take. */
const MOST_OFF_MS = 90_000;
const MOST_BLOCKED_MS = 1000;

/** The gateway starts in 1970; its clock is set, and jumps back and forth, while it reads, journals and sends. */
async function jump(context: RowContext): Promise<Figures> {
  const file = join('/tmp', `sluice-clock-${process.pid}-${context.seed}`);
  const set = (seconds: number) => writeFileSync(file, `${seconds >= 0 ? '+' : ''}${seconds}`);
  set(TO_1970_S);
  const site = await Site.start({
    ...{ plant: plant.yaml, values: 'oracle' },
    gatewayEnv: {
      LD_PRELOAD: findFaketime() ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  const heldUp = new HeldUp();
  let slowest = 0;
  const watched = async (ms: number) => {
    slowest = Math.max(slowest, await watch(site, heldUp, ms));
  };
  try {
    await site.until(async () => (await site.latest()).size === plant.pointOf.size, 'values at the hub');
    await pause(2000);
    set(0);
    for (let done = 0; done < context.size.faults; done++) {
      await watched(2000 + 2000 * context.random());
      set(OFFSETS_S[done % OFFSETS_S.length] ?? 0);
      expectAlive(site, 'gateway');
      context.progress(done + 1);
    }
    await watched(2000);
    set(0);
    await watched(4000);
    const verdict = await settle(site, plant);
    const { off, corrected, uncertain } = await stamps(archiveFile(site.hubDir));
    return {
      ...{ faults: context.size.faults, verdict, reused: site.reports.reused, recoveryMs: [] },
      notes: {
        'longest wait for the gateway': `${Math.round(slowest)} ms`,
        'stamps put right': corrected,
        'stamps marked as uncertain': uncertain,
        'stamps that are wrong and not marked': off,
      },
      breaches: [
        ...(slowest > MOST_BLOCKED_MS ? [`the gateway did not answer for ${Math.round(slowest)} ms`] : []),
        ...(off > 0 ? [`${off} stamps are wrong and not marked`] : []),
        ...(corrected === 0 ? ['no stamp was put right'] : []),
      ],
    };
  } finally {
    heldUp.stop();
    await site.stop();
  }
}

/** Asks the gateway all the time; the longest it let us wait, milliseconds. */
async function watch(site: Site, heldUp: HeldUp, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let slowest = 0;
  while (performance.now() < end) {
    const began = Date.now();
    await getJson(`${site.gatewayUrl}/api/v1/status`);
    const answered = Date.now();
    slowest = Math.max(slowest, answered - began - heldUp.within(began, answered));
    await pause(50);
  }
  return slowest;
}

async function stamps(archive: string): Promise<{ off: number; corrected: number; uncertain: number }> {
  const instance = await DuckDBInstance.create(archive, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll(
    `SELECT count(*) FILTER (flags <> 1 AND abs(at_ms - arrived_ms) > ${MOST_OFF_MS}) AS off,
       count(*) FILTER (flags = 2) AS corrected, count(*) FILTER (flags = 1) AS uncertain FROM readings`,
  );
  const [row = []] = answer.getRows();
  connection.closeSync();
  instance.closeSync();
  const [off = 0, corrected = 0, uncertain = 0] = row.map(Number);
  return { off, corrected, uncertain };
}

export const clockJumps: Row = {
  name: 'clock',
  what: 'the gateway starts in 1970; then its clock jumps by -1 h, +30 days, +1 year, to 1970, and back, again and again',
  needs: ['faketime'],
  sizes: { short: { faults: 4 }, long: { faults: 80 } },
  expect: { declares: false },
  run: jump,
};

import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { quietLog } from '../../../core/log.ts';
import { good } from '../../../core/reading.ts';
import { ORACLE_STRIDE } from '../../../devices/simulator/oracle.ts';
import { openJournal } from '../../../gateway/journal/open-journal.ts';
import { defaultJournalSettings } from '../../../gateway/journal-settings.ts';
import type { Verdict } from '../../e2e/oracle.ts';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { hubCursor, journalledNext, oldestValue, settle } from '../settle.ts';

/** More do not fit: a value of 32 bits names its point by ten millions. */
const POINTS = 400;
const EVERY_MS = 400;
const LIVE_PER_SECOND = (POINTS * 1000) / EVERY_MS;
const TIMES_LIVE = 20;
const FRESH_WITHIN_MS = 2000;
const RECOVERS_MS = 3000;
/** Readings of a point begin far above what its device has counted to by then. */
const FIRST = 1_000_000;
const ROUNDS_PER_COMMIT = 2;

const plant = oraclePlant(POINTS, `${EVERY_MS}ms`);

/** Puts so many readings into a stopped gateway's journal, by the journal itself: as if it had been offline so long. */
async function fillJournal(site: Site, readings: number): Promise<void> {
  const settings = { ...defaultJournalSettings(), commitInterval: 100 };
  const folder = join(site.gatewayDir, 'journal');
  const journal = await openJournal({ folder, settings, clock: systemClock, log: quietLog });
  const stop = new AbortController();
  const running = journal.run(stop.signal);
  const points = (journal.knownCatalogue()?.points ?? []).map(({ number, device, point }) => ({
    number,
    index: plant.pointOf.get(`${device}/${point}`) ?? 0,
  }));
  const [rounds, now] = [Math.ceil(readings / POINTS), Date.now()];
  for (let round = 0; round < rounds; round++) {
    const at = now - (rounds - round) * EVERY_MS;
    for (const { number, index } of points) journal.reading(number, at, good(index * ORACLE_STRIDE + FIRST + round));
    // Frames as long as a gateway's that commits about once a second.
    if (round % ROUNDS_PER_COMMIT === 0) await journal.flush();
  }
  await journal.flush();
  site.journalled.set(journal.epoch, journal.next);
  stop.abort();
  await running;
  await journal.close();
}

async function drainBacklog(context: RowContext): Promise<Figures> {
  const readings = context.size.readings ?? 0;
  // One core for the gateway, as on a small board; the hub and the devices have the other.
  const site = await Site.start({
    ...{ plant: plant.yaml, values: 'oracle', gatewayPrefix: ['taskset', '-c', '0'] },
  });
  try {
    await site.until(async () => (await site.latest()).size === POINTS, 'values at the hub');
    await site.gateway.kill();
    await fillJournal(site, readings);
    const [owed, had] = [journalledNext(site), (await hubCursor(site)) ?? 0];

    site.link.cut();
    site.startGateway();
    await site.until(() => journalledNext(site) > owed, 'the gateway journals');
    await site.gateway.kill('SIGKILL');
    const before = journalledNext(site);
    const sessions = site.hub.lines.filter(isSession).length;
    const killedAt = performance.now();
    site.link.restore();
    site.startGateway();
    await site.until(() => journalledNext(site) > before, 'the gateway journals again');
    const recovery = performance.now() - killedAt;

    const { rate, oldestMs } = await watchDrain(site, { owed, had, sessions }, context);
    const verdict = await settle(site, plant, 300_000);
    const breaches: string[] = [];
    if (rate < TIMES_LIVE * LIVE_PER_SECOND) breaches.push(`drained ${Math.round(rate)} readings/s`);
    if (oldestMs > FRESH_WITHIN_MS) breaches.push(`live values ${Math.round(oldestMs)} ms old`);
    return {
      ...{ faults: 1, verdict: withoutSeam(verdict), reused: site.reports.reused },
      recoveryMs: [recovery],
      notes: {
        'readings filled in': readings,
        'drained, readings/s': Math.round(rate),
        'times the live rate': (rate / LIVE_PER_SECOND).toFixed(1),
        'oldest live value at the hub meanwhile': `${Math.round(oldestMs)} ms`,
      },
      breaches,
    };
  } finally {
    await site.stop();
  }
}

/** What was filled in counts from FIRST, what the devices say from 0: each point leaps there, and steps back once. */
function withoutSeam(verdict: Verdict): Verdict {
  return { ...verdict, disordered: Math.abs(verdict.disordered - POINTS), neverJournalled: 0, longestSkip: 0 };
}

/** Readings a second from the welcome until the hub has what was owed; and the oldest newest value it showed meanwhile. */
async function watchDrain(
  site: Site,
  { owed, had, sessions }: { owed: number; had: number; sessions: number },
  context: RowContext,
): Promise<{ rate: number; oldestMs: number }> {
  let oldestMs = 0;
  for (;;) {
    const cursor = (await hubCursor(site)) ?? 0;
    const line = site.hub.lines.filter(isSession).at(sessions);
    const welcomedAt = line === undefined ? Date.now() : (JSON.parse(line) as { time: number }).time;
    const since = Date.now() - welcomedAt;
    if (cursor >= owed) return { rate: ((cursor - had) / since) * 1000, oldestMs };
    // Values of before the restart are replaced by then.
    if (since > FRESH_WITHIN_MS) oldestMs = Math.max(oldestMs, await oldestValue(site));
    context.progress(0, `${cursor} of ${owed} at the hub`);
    await pause(20);
  }
}

function isSession(line: string): boolean {
  return line.includes('"msg":"session"');
}

export const backlog: Row = {
  name: 'backlog',
  what: 'a journal with 10 million unsent readings (weeks offline) drains under 1,000 live readings/s, the gateway on one core, killed once; recovery with that journal',
  needs: ['taskset'],
  sizes: { short: { faults: 1, readings: 300_000 }, long: { faults: 1, readings: 10_000_000 } },
  expect: { declares: false, recoveryMs: RECOVERS_MS },
  alone: true,
  run: drainBacklog,
};

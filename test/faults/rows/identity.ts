import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, settle } from '../settle.ts';

const plant = oraclePlant(100, '50ms');
const RECOVERS_MS = 75_000;

/** As a card's image: without the socket of the process that was. */
function copyCard(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('.sock') });
}

type Journalled = ReadonlyMap<string, number>;

function total(journalled: Journalled): number {
  return [...journalled.values()].reduce((sum, next) => sum + next, 0);
}

/** Runs until so many more records are on disk. */
async function fill(site: Site, records = 1000): Promise<void> {
  const before = total(site.journalled);
  await site.until(() => total(site.journalled) > before + records, 'more is journalled');
}

/** From now until the newest journal gets on at the hub, milliseconds. */
async function deliversAgain(site: Site): Promise<number> {
  const startedAt = performance.now();
  const newest = () => [...site.journalled.keys()].at(-1) ?? '';
  let first: number | undefined;
  const moves = async () => {
    const confirmed = (await site.confirmed()).get(newest());
    first ??= confirmed;
    return confirmed !== undefined && confirmed > (first ?? confirmed);
  };
  await site.until(moves, 'the gateway delivers again', RECOVERS_MS);
  return performance.now() - startedAt;
}

/** The card's image is taken, time goes on, and the image is put back: with the link up, and with unsent records lost with the card. */
async function restoreImage(context: RowContext): Promise<Figures> {
  const site = await Site.start({ plant: plant.yaml, values: 'oracle' });
  const image = join(site.dir, 'image');
  const recoveryMs: number[] = [];
  try {
    for (let done = 0; done < context.size.faults; done++) {
      await fill(site);
      await site.gateway.kill(context.random() < 0.5 ? 'SIGKILL' : 'SIGTERM');
      copyCard(site.gatewayDir, image);
      const then = new Map(site.journalled);
      site.startGateway();
      await fill(site);
      const isCut = context.random() < 0.5;
      if (isCut) {
        site.link.cut();
        await fill(site, 500);
      }
      await site.gateway.kill('SIGKILL');
      rmSync(site.gatewayDir, { recursive: true });
      copyCard(image, site.gatewayDir);
      rmSync(image, { recursive: true });
      // What this card never heard of is not held against it; what the hub has of it stays.
      site.reports.forget(then);
      if (isCut) await pause(500 * context.random());
      site.link.restore();
      site.startGateway();
      recoveryMs.push(await deliversAgain(site));
      expectAlive(site, 'gateway');
      context.progress(done + 1);
    }
    const verdict = await settle(site, plant);
    const notes = { 'journals at the hub': site.journalled.size };
    return { faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs, notes };
  } finally {
    await site.stop();
  }
}

/** The card goes to a spare board with records that the hub lacks. */
async function moveCard(context: RowContext): Promise<Figures> {
  let board = 0;
  const site = await Site.start({ plant: plant.yaml, values: 'oracle', hardware: () => `board-${board}` });
  const recoveryMs: number[] = [];
  try {
    for (let done = 0; done < context.size.faults; done++) {
      await fill(site);
      site.link.cut();
      await fill(site, 500);
      await site.gateway.kill('SIGKILL');
      board++;
      site.startGateway();
      await fill(site, 200);
      site.link.restore();
      recoveryMs.push(await deliversAgain(site));
      context.progress(done + 1);
    }
    const verdict = await settle(site, plant);
    const journals = site.journalled.size;
    const breaches = journals === board + 1 ? [] : [`${journals} journals on ${board + 1} boards`];
    return { faults: board, verdict, reused: site.reports.reused, recoveryMs, notes: { journals }, breaches };
  } finally {
    await site.stop();
  }
}

/** A copy of the card runs beside the first one, on hardware of its own or on what cannot be told apart. */
async function clone(context: RowContext, hardware: (round: number) => string | undefined): Promise<Figures> {
  const site = await Site.start({ plant: plant.yaml, values: 'oracle', hardware: () => hardware(0) });
  const recoveryMs: number[] = [];
  let refused = 0;
  try {
    for (let done = 0; done < context.size.faults; done++) {
      await fill(site);
      await site.gateway.kill('SIGKILL');
      const copy = join(site.dir, `copy-${done}`);
      copyCard(site.gatewayDir, copy);
      site.startGateway();
      await fill(site, 500);
      const twin = await site.startTwin(copy, hardware(done + 1));
      await site.until(() => total(twin.reports.journalled) > 200, 'the copy reads and journals');
      await pause(3000 + 3000 * context.random());
      if (twin.process.lines.some((line) => line.includes('identity-held'))) refused++;
      expectAlive(site, 'gateway');
      await twin.process.kill('SIGKILL');
      recoveryMs.push(await deliversAgain(site));
      context.progress(done + 1);
    }
    const verdict = await settle(site, plant);
    const notes = { 'copies that were refused': `${refused} of ${recoveryMs.length}` };
    return { faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs, notes };
  } finally {
    await site.stop();
  }
}

export const imageRestored: Row = {
  name: 'image-restored',
  what: 'an old image of the card is put back, half of the time after records that the hub never had',
  needs: [],
  sizes: { short: { faults: 2 }, long: { faults: 30 } },
  // What only the lost card had is declared as far as the hub was told of it.
  expect: { declares: true, recoveryMs: RECOVERS_MS },
  run: restoreImage,
};

export const cardMoved: Row = {
  name: 'card-moved',
  what: 'the card moves to another board with records that the hub lacks',
  needs: [],
  sizes: { short: { faults: 2 }, long: { faults: 30 } },
  expect: { declares: false, recoveryMs: RECOVERS_MS },
  run: moveCard,
};

export const cardCloned: Row = {
  name: 'card-cloned',
  what: 'a copy of the card runs beside the first one on another board',
  needs: [],
  sizes: { short: { faults: 1 }, long: { faults: 20 } },
  expect: { declares: false, recoveryMs: RECOVERS_MS },
  run: (context) => clone(context, (round) => `board-${round}`),
};

export const twoClients: Row = {
  name: 'two-clients',
  what: 'two gateways with one name and one past, which nothing tells apart, connect at once',
  needs: [],
  sizes: { short: { faults: 1 }, long: { faults: 20 } },
  expect: { declares: false, recoveryMs: RECOVERS_MS },
  run: (context) => clone(context, () => undefined),
};

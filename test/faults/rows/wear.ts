import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import { LoopDisk } from '../loop-disk.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { journalledNext, settle } from '../settle.ts';

const plant = oraclePlant(100, '1s');
const SECTOR_BYTES = 512;
/** Until what a start writes once, the ballast among it, is written. */
const SETTLE_S = 70;
const MOST_BYTES = 130;

/** What a card is written with for each reading, at default settings: file system and its journal included. */
async function measureWear(context: RowContext): Promise<Figures> {
  const disk = await LoopDisk.make(256);
  const { seconds = 0 } = context.size;
  let site: Site | undefined;
  try {
    site = await Site.start({
      ...{ plant: plant.yaml, values: 'oracle', journal: '1s', journalMore: 'minFree: 1MiB' },
      gatewayDir: `${disk.folder}/gateway`,
    });
    await pause(Math.min(SETTLE_S, seconds) * 1000);
    const device = execFileSync('findmnt', ['-no', 'SOURCE', disk.folder], { encoding: 'utf8' }).trim();
    const [records, bytes] = [journalledNext(site), bytesWritten(device)];
    for (let second = 0; second < seconds; second++) {
      await pause(1000);
      context.progress(0, `${second} s of ${seconds} s`);
    }
    const [more, written] = [journalledNext(site) - records, bytesWritten(device) - bytes];
    const each = written / more;
    const verdict = await settle(site, plant);
    return {
      ...{ faults: 0, verdict, reused: site.reports.reused, recoveryMs: [] },
      notes: { 'bytes written to the device for each reading': each.toFixed(0), readings: more },
      // A short run sees little but the file system's own beginnings.
      breaches: seconds >= SETTLE_S && each > MOST_BYTES ? [`${each.toFixed(0)} bytes for each reading`] : [],
    };
  } finally {
    await site?.stop();
    await disk.remove();
  }
}

function bytesWritten(device: string): number {
  const figures = readFileSync(`/sys/block/${basename(device)}/stat`, 'utf8')
    .trim()
    .split(/\s+/);
  return Number(figures[6]) * SECTOR_BYTES;
}

export const wear: Row = {
  name: 'wear',
  what: '100 points at 1 s, default settings: bytes that the disk is written with for each reading, the file system’s own included',
  needs: ['loop'],
  sizes: { short: { faults: 0, seconds: 5 }, long: { faults: 0, seconds: 300 } },
  expect: { declares: false },
  run: measureWear,
};

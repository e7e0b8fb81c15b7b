import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import { showsStack } from '../../e2e/sluice-process.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, hubCursor, journalledNext, settle } from '../settle.ts';

const plant = oraclePlant(100, '50ms');

const KINDS = ['frames .log', 'frames .ldb', 'frames MANIFEST', 'frames CURRENT', 'frames LOG'] as const;
const META_KINDS = ['meta .log', 'meta .ldb', 'meta MANIFEST', 'meta CURRENT', 'meta LOG'] as const;
const WAYS = ['flipped', 'cut short', 'removed'] as const;

/** Every kind of file of the journal, in turn, is damaged while the gateway stands still and has unsent records. */
async function damage(context: RowContext): Promise<Figures> {
  const site = await Site.start({ plant: plant.yaml, values: 'oracle' });
  const recoveryMs: number[] = [];
  const kinds = [...KINDS, ...META_KINDS];
  const refused = new Map<string, number>();
  let unsent = 0;
  const journal = join(site.gatewayDir, 'journal');
  try {
    await site.until(async () => (await site.latest()).size === plant.pointOf.size, 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      site.link.cut();
      const owed = journalledNext(site) + 1000;
      await site.until(() => journalledNext(site) > owed, 'unsent records');
      expectAlive(site, 'gateway');
      const kind = kinds[done % kinds.length] as string;
      // Half of them end in good order. A log of frames that lost its end after a kill is what a power cut leaves on a disk that lied: nothing
      // can tell that more was there. After an orderly end the journal knows.
      const isLog = kind === 'frames .log' || !filesOf(journal).some((name) => kindOf(name) === kind);
      await site.gateway.kill(isLog || context.random() < 0.5 ? 'SIGTERM' : 'SIGKILL');
      unsent += journalledNext(site) - ((await hubCursor(site)) ?? 0);
      const kept = join(site.dir, 'journal-before');
      cpSync(journal, kept, { recursive: true });
      const what = harm(journal, kind, context.random);
      const [before, startedAt] = [journalledNext(site), performance.now()];
      site.startGateway();
      site.link.restore();
      await site.until(() => journalledNext(site) > before || site.gateway.isOver, 'the gateway journals again');
      if (site.gateway.isOver) {
        // It may refuse what it cannot read, in words: then the operator decides. It may not go on with something else.
        if (showsStack(site.gateway.text)) expectAlive(site, 'gateway');
        refused.set(what, (refused.get(what) ?? 0) + 1);
        rmSync(journal, { recursive: true });
        cpSync(kept, journal, { recursive: true });
        site.startGateway();
        await site.until(() => journalledNext(site) > before, 'the gateway journals again');
      } else recoveryMs.push(performance.now() - startedAt);
      rmSync(kept, { recursive: true });
      context.progress(done + 1, what);
      await pause(200);
    }
    const verdict = await settle(site, plant);
    return {
      ...{ faults: context.size.faults, verdict, reused: site.reports.reused, recoveryMs },
      breaches: verdict.declared > unsent ? [`declared ${verdict.declared}, only ${unsent} were there to damage`] : [],
      notes: {
        'records that only the damaged journals had': unsent,
        'refused to start': [...refused].map(([what, times]) => `${what} ${times}×`).join(', ') || 'never',
      },
    };
  } finally {
    await site.stop();
  }
}

/** Says what it did: to which kind of file, and how. A kind that is not there at this time gives way to the frames' log. */
function harm(journal: string, kind: string, random: () => number): string {
  const files = filesOf(journal);
  const found = files.filter((name) => kindOf(name) === kind);
  const all = found.length > 0 ? found : files.filter((name) => kindOf(name) === 'frames .log');
  const name = all[Math.floor(random() * all.length)] as string;
  const way = WAYS[Math.floor(random() * WAYS.length)] as (typeof WAYS)[number];
  const path = join(journal, name);
  const size = statSync(path).size;
  if (way === 'removed') rmSync(path);
  else if (way === 'cut short') truncateSync(path, Math.floor(size * random()));
  else {
    const bytes = readFileSync(path);
    for (let left = 1 + Math.floor(random() * 8); left > 0 && size > 0; left--) {
      const at = Math.floor(random() * size);
      bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random() * 8));
    }
    writeFileSync(path, bytes);
  }
  return `${kindOf(name)} ${way}`;
}

function filesOf(journal: string): string[] {
  const isFile = (name: string) => statSync(join(journal, name), { throwIfNoEntry: false })?.isFile() ?? false;
  return readdirSync(journal, { recursive: true, encoding: 'utf8' }).filter(isFile);
}

function kindOf(name: string): string {
  const of = name.startsWith('meta') ? 'meta' : 'frames';
  const file = basename(name);
  const [extension] = /\.(log|ldb)$/.exec(file) ?? [];
  return `${of} ${extension ?? file.replace(/-\d+$/, '')}`;
}

export const damageRow: Row = {
  name: 'damage',
  what: 'each kind of file of the journal has bits flipped, is cut short or removed while the gateway is stopped with unsent records',
  needs: [],
  sizes: { short: { faults: 10 }, long: { faults: 200 } },
  expect: { declares: true },
  run: damage,
};

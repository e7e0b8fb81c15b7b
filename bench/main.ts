import { cpus, totalmem } from 'node:os';
import { writeSection } from './performance-page.ts';
import { type Bench, meets, rowText } from './report.ts';

/**
 * `npm run bench [-- [--write] NAME …]`: every benchmark, or those whose file is named. `--write` puts the figures into
 * docs/performance.md.
 */
const ALL: Record<string, () => Promise<{ bench: Bench }>> = {
  journal: () => import('./journal.ts'),
  poll: () => import('./poll.ts'),
  devices: () => import('./devices.ts'),
  ingest: () => import('./ingest.ts'),
  alarms: () => import('./alarms.ts'),
  notify: () => import('./notify.ts'),
  fleet: () => import('./fleet.ts'),
  'fleet-join': () => import('./fleet-join.ts'),
  commands: () => import('./commands.ts'),
  plans: () => import('./plans.ts'),
  kubeedge: () => import('./kubeedge.ts'),
  history: () => import('./history.ts'),
  start: () => import('./start.ts'),
  container: () => import('./container.ts'),
};

const given = process.argv.slice(2);
const isWritten = given.includes('--write');
const wanted = given.filter((word) => word !== '--write');
const unknown = wanted.filter((name) => !(name in ALL));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(ALL).join(', ')}`);
  process.exit(2);
}
const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB. Compare ratios, not absolutes.`;
console.log(machine);
let short = 0;
for (const name of wanted.length > 0 ? wanted : Object.keys(ALL)) {
  const { bench } = await (ALL[name] as () => Promise<{ bench: Bench }>)();
  console.log(`\n${bench.name}`);
  const rows = await bench.run();
  if (isWritten) writeSection(name, machine, rows);
  for (const row of rows) {
    console.log(rowText(row));
    if (!meets(row)) short += 1;
  }
}
console.log(short === 0 ? '\nevery goal reached' : `\n${short} goals missed (✗)`);

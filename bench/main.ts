import { cpus, totalmem } from 'node:os';
import { type Bench, meets, rowText } from './report.ts';

/** `npm run bench [NAME …]`: every benchmark, or those whose file is named. */
const ALL: Record<string, () => Promise<{ bench: Bench }>> = {
  journal: () => import('./journal.ts'),
  poll: () => import('./poll.ts'),
  devices: () => import('./devices.ts'),
  ingest: () => import('./ingest.ts'),
  fleet: () => import('./fleet.ts'),
  plans: () => import('./plans.ts'),
  history: () => import('./history.ts'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in ALL));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(ALL).join(', ')}`);
  process.exit(2);
}
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB. Compare ratios, not absolutes.`,
);
let short = 0;
for (const name of wanted.length > 0 ? wanted : Object.keys(ALL)) {
  const { bench } = await (ALL[name] as () => Promise<{ bench: Bench }>)();
  console.log(`\n${bench.name}`);
  for (const row of await bench.run()) {
    console.log(rowText(row));
    if (!meets(row)) short += 1;
  }
}
console.log(short === 0 ? '\nevery goal reached' : `\n${short} goals missed (✗)`);

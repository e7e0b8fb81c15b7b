import { runWorld } from './world.ts';

const from = Number(process.argv[2] ?? 1),
  count = Number(process.argv[3] ?? 20);
const only = process.argv[4]?.split(',') as never;
const t = performance.now();
let bad = 0;
const tot = { journalled: 0, stored: 0, declared: 0, virtual: 0, troubled: 0 };
for (let seed = from; seed < from + count; seed++) {
  const run = await runWorld({ seed, ...(only ? { troubles: only } : {}) });
  tot.journalled += run.verdict.journalled;
  tot.stored += run.verdict.stored;
  tot.declared += run.verdict.declared;
  tot.virtual += run.virtualMs;
  tot.troubled += run.troubled;
  if (run.breaches.length > 0) {
    bad++;
    if (bad < 12) console.log(seed, run.troubles.join(' '), JSON.stringify(run.verdict), run.breaches.join(' | '));
  }
}
console.log({ bad, ...tot, ms: Math.round(performance.now() - t) });

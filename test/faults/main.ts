import { parseArgs } from 'node:util';
import { writeDurability } from './durability.ts';
import { Lanes } from './lanes.ts';
import { ROWS } from './registry.ts';
import { Results, thisMachine } from './results.ts';
import type { SizeName } from './row.ts';
import { runRow } from './run-row.ts';
import { notesText, tableText } from './table.ts';

/** `npm run faults [-- --row NAME --size short|long --seed N --fresh]`: every row of the table in docs/durability.md. */
const { values } = parseArgs({
  options: {
    row: { type: 'string', multiple: true },
    size: { type: 'string', default: 'long' },
    seed: { type: 'string' },
    fresh: { type: 'boolean', default: false },
  },
});
const { size } = values;
if (size !== 'short' && size !== 'long') fail(`--size is short or long, not ${size}`);
const unknown = (values.row ?? []).filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0) fail(`no row ${unknown.join(', ')}; there are: ${ROWS.map(({ name }) => name).join(', ')}`);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!Number.isInteger(seed) || seed < 0) fail(`--seed is a whole number, not ${values.seed}`);

// What is running ends with us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const wanted = ROWS.filter(({ name }) => values.row === undefined || values.row.includes(name));
const on = thisMachine();
const results = new Results({ fresh: values.fresh });
const known = wanted.filter((row) => results.find(row.name, size as SizeName, on) !== undefined);
if (known.length > 0) {
  console.log(`${known.length} rows are done at ${on.commit} (--fresh runs them again)`);
}
const startedAt = performance.now();
const lanes = new Lanes(wanted.filter((row) => !known.includes(row)));
const told = new Map<string, number>();
await lanes.run(async (row) => {
  const began = performance.now();
  const total = row.sizes[size as SizeName].faults;
  say(row.name, 'begins');
  const result = await runRow(row, {
    ...{ size: size as SizeName, seed, on },
    progress: (done, note = '') => {
      // A line a second is live enough; a thousand kills are not a thousand lines.
      if (performance.now() - (told.get(row.name) ?? 0) < 1000 && done < total) return;
      told.set(row.name, performance.now());
      say(row.name, `${done}/${total}, ${Math.round((performance.now() - began) / 1000)} s ${note}`.trim());
    },
  });
  results.put(result);
  const state = result.skipped === undefined ? (result.broken.length === 0 ? 'held' : 'BROKEN') : 'NOT RUN';
  say(row.name, `${state} in ${result.seconds} s ${notesText(result.notes)}`.trim());
  for (const why of [...result.broken, ...(result.skipped === undefined ? [] : [result.skipped])]) say(row.name, why);
});

const all = results.ofSize(
  size as SizeName,
  wanted.map(({ name }) => name),
);
console.log(`\n${tableText(all)}`);
console.log(`${on.commit}, Sluice ${on.sluice}, Node ${on.node}, kernel ${on.kernel}`);
const broken = all.filter((result) => result.broken.length > 0);
const absent = all.filter(({ skipped }) => skipped !== undefined);
if (absent.length > 0) console.log(`*** ${absent.length} rows were NOT RUN: the machine cannot do them`);
// The page is of the long rows, all of them.
if (values.row === undefined && size === 'long') writeDurability(all);
console.log(broken.length === 0 ? 'every bound held' : `bounds broken in: ${broken.map(({ row }) => row).join(', ')}`);
process.exit(broken.length === 0 ? 0 : 1);

function say(row: string, text: string): void {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`[${String(seconds).padStart(5)} s] ${row.padEnd(18)} ${text}`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

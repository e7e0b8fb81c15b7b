import { parseArgs } from 'node:util';
import { ROWS } from './registry.ts';
import { runRows, tableText } from './run.ts';

/** `npm run attacks [-- --row NAME --short]`: every attempt on a hub and a gateway of real processes, and what became of it. */
const { values } = parseArgs({
  options: { row: { type: 'string', multiple: true }, short: { type: 'boolean', default: false } },
});
const names = [...new Set(ROWS.map(({ name }) => name))];
const unknown = (values.row ?? []).filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no row ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  process.exit(2);
}

// What is running ends with us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const wanted = ROWS.filter(
  ({ name, isLong }) => !(values.short && isLong) && (values.row === undefined || values.row.includes(name)),
);
const began = performance.now();
const all = await runRows(wanted, ({ row, what, outcome }) => {
  console.log(`[${String(Math.round((performance.now() - began) / 1000)).padStart(4)} s] ${row}: ${what}: ${outcome}`);
});
const successes = all.filter(({ outcome }) => outcome === 'SUCCEEDED');
console.log(`\n${tableText(all)}\n\n${all.length} attempts, ${successes.length} successes`);
process.exit(successes.length === 0 ? 0 : 1);

import { parseArgs } from 'node:util';
import { asTroubles, describeFailures, simulate } from './simulate.ts';

const HELP = `Usage: npm run simulate [-- --seed N] [--count N] [--troubles A,B]

  --seed N           the first seed (default 1); one seed is one run, the same each time
  --count N          how many (default 1000, with --seed 1)
  --troubles A,B     only these, instead of what the seed chooses
  --json             one line for programs

Journal, sessions and hub run as they are, over a disk, a network and a clock that the seed rules.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string' },
    troubles: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) console.log(HELP);
else {
  const from = Number(values.seed ?? 1);
  const count = Number(values.count ?? (values.seed === undefined ? 1000 : 1));
  const began = performance.now();
  const { runs, verdict, failed, troubles, virtualMs } = await simulate({
    ...{ from, count },
    ...(values.troubles === undefined ? {} : { troubles: asTroubles(values.troubles) }),
    onRun: (done, bad) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${count} runs, ${bad} failed`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  const report = { runs, verdict, troubles, virtualMs, failed: describeFailures(failed) };
  if (values.json) console.log(JSON.stringify(report));
  else if (failed.length > 0) console.log(report.failed);
  const [seconds, hours] = [Math.round((performance.now() - began) / 1000), Math.round(virtualMs / 3_600_000)];
  if (!values.json)
    console.log(
      `${JSON.stringify(verdict)}\n${runs} runs, ${troubles} troubles, ${hours} simulated hours in ${seconds} s; ${failed.length} failed`,
    );
  process.exitCode = failed.length > 0 ? 1 : 0;
}

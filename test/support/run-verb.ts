import { parseArgs } from 'node:util';
import type { Verb } from '../../cli/verb.ts';
import { systemClock } from '../../core/clock.ts';

/** Runs a verb as the command line does. */
export async function run(
  verb: Verb,
  line: string,
  signal = new AbortController().signal,
  onOut?: (text: string) => void,
) {
  const { values, positionals } = parseArgs({ args: line.split(' '), options: verb.options, allowPositionals: true });
  const out: string[] = [];
  const err: string[] = [];
  const code = await verb.run(
    { values, positionals },
    {
      out(text) {
        out.push(text);
        onOut?.(text);
      },
      err: (text) => err.push(text),
      isTty: false,
      clock: systemClock,
      signal,
    },
  );
  return { code, out, err };
}

import { parseArgs } from 'node:util';
import { fuzzBroker } from './fuzz-broker.ts';
import { fuzzEnvelopes, fuzzFrames } from './fuzz-frames.ts';
import { fuzzJournals } from './fuzz-journal.ts';
import { fuzzMessages } from './fuzz-messages.ts';

/** What one run of all the fuzzing came to; printed as one line of JSON. */
export interface FuzzReport {
  readonly inputs: number;
  readonly stored: number;
  readonly journalled: number;
  readonly notes: Readonly<Record<string, string | number>>;
}

/** `--seed N --count N`: decoding keeps a process busy for minutes, so it has one of its own. */
async function run(seed: number, count: number): Promise<FuzzReport> {
  const frames = fuzzFrames(seed, count);
  const envelopes = fuzzEnvelopes(seed, count);
  const messages = fuzzMessages(seed, count);
  const broker = await fuzzBroker(seed, Math.ceil(count / 50));
  const journals = await fuzzJournals(seed, Math.ceil(count / 200));
  const { stored, journalled } = broker;
  const grown = Math.max(frames.grownBytes, messages.grownBytes, broker.grownBytes);
  return {
    inputs: frames.inputs + envelopes.inputs + messages.inputs + broker.packets + journals.journals,
    ...{ stored, journalled },
    notes: {
      'frames taken / refused': `${frames.taken} / ${frames.refused}`,
      'messages taken / refused': `${messages.taken} / ${messages.refused}`,
      'hostile connections': broker.connections,
      'damaged journals': journals.journals,
      'most memory taken': `${Math.round(grown / 1024 / 1024)} MiB`,
    },
  };
}

const { values } = parseArgs({ options: { seed: { type: 'string' }, count: { type: 'string' } } });
console.log(JSON.stringify(await run(Number(values.seed ?? 1), Number(values.count ?? 1000))));
process.exit(0);

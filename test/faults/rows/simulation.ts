import { fuzzBroker } from '../../fuzz/fuzz-broker.ts';
import { fuzzEnvelopes, fuzzFrames } from '../../fuzz/fuzz-frames.ts';
import { fuzzJournals } from '../../fuzz/fuzz-journal.ts';
import { fuzzMessages } from '../../fuzz/fuzz-messages.ts';
import { describeFailures, simulate } from '../../simulation/simulate.ts';
import { type Figures, NO_VERDICT, type Row, type RowContext } from '../row.ts';

/** Journal, sessions and hub over a disk, a network and a clock that the seed rules. */
async function simulateSeeds({ size, seed, progress }: RowContext): Promise<Figures> {
  const { runs, verdict, failed, troubles, virtualMs } = await simulate({
    ...{ from: seed, count: size.faults },
    onRun: (done) => progress(done),
  });
  const { journalled, stored, declared, undeclared, twice, misplaced, disordered, falselyDeclared, reused } = verdict;
  return {
    ...{ faults: runs, reused, recoveryMs: [] },
    verdict: { ...NO_VERDICT, journalled, stored, declared, undeclared, twice, misplaced, disordered, falselyDeclared },
    notes: { troubles, 'simulated hours': Math.round(virtualMs / 3_600_000) },
    breaches: failed.length > 0 ? [describeFailures(failed)] : [],
  };
}

/** Bytes that were made to hurt: frames, envelopes, messages, MQTT packets, the files of a journal. */
async function hurt({ size, seed, progress }: RowContext): Promise<Figures> {
  const frames = fuzzFrames(seed, size.faults);
  const envelopes = fuzzEnvelopes(seed, size.faults);
  progress(Math.floor(size.faults / 4));
  const messages = fuzzMessages(seed, size.faults);
  progress(Math.floor(size.faults / 2));
  const broker = await fuzzBroker(seed, Math.ceil(size.faults / 50));
  progress(Math.floor((3 * size.faults) / 4));
  const journals = await fuzzJournals(seed, Math.ceil(size.faults / 200));
  const { stored, journalled } = broker;
  const grown = Math.max(frames.grownBytes, messages.grownBytes, broker.grownBytes);
  return {
    faults: frames.inputs + envelopes.inputs + messages.inputs + broker.packets + journals.journals,
    verdict: { ...NO_VERDICT, journalled, stored },
    ...{ reused: 0, recoveryMs: [] },
    notes: {
      'frames taken / refused': `${frames.taken} / ${frames.refused}`,
      'messages taken / refused': `${messages.taken} / ${messages.refused}`,
      'hostile connections': broker.connections,
      'damaged journals': journals.journals,
      'most memory taken': `${Math.round(grown / 1024 / 1024)} MiB`,
    },
  };
}

export const simulation: Row = {
  name: 'simulation',
  what: 'seeds of a deterministic simulation: kills, power cuts, loss, copies, disorder, failing and full disks, flipped bits, restores',
  needs: [],
  sizes: { short: { faults: 100 }, long: { faults: 10_000 } },
  // Some of the troubles take records away.
  expect: { declares: true },
  run: simulateSeeds,
};

export const hostile: Row = {
  name: 'hostile',
  what: 'malformed, oversized, hostile frames, messages, packets and files, while another gateway delivers',
  needs: [],
  sizes: { short: { faults: 1000 }, long: { faults: 30_000 } },
  expect: { declares: false },
  run: hurt,
};

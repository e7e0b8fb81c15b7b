import { bad, good } from '../../../core/reading.ts';
import { catalogue, column, entry, gap, Journal, T0 } from './batches.ts';
import { startHub, type TestHub } from './hub.ts';

/** A hub that knows one boiler: readings of each kind, a bad one among them, and a gap in the numbers of its gateway. */
export async function startBoilerHub(): Promise<TestHub> {
  const hub = await startHub();
  const journal = new Journal();
  const frames = [
    journal.publish(
      catalogue([
        entry(0, 'boiler', 'temp', { title: { en: 'Water, flow', ko: '급수 온도' } }),
        entry(1, 'boiler', 'running', { kind: 'boolean', type: 'bool', unit: undefined }),
        entry(2, 'boiler', 'state', { kind: 'text', type: 'string', unit: undefined }),
        entry(3, 'boiler', 'old', { retired: true }),
      ]),
    ),
    journal.readings([
      column(0, [
        [T0, good(20)],
        [T0 + 1000, bad('no-answer')],
        [T0 + 60_000, good(22)],
        [T0 + 61_000, good(26)],
      ]),
      column(1, [[T0, good(true)]]),
      column(2, [[T0, good('run, "slow"')]]),
    ]),
  ];
  await hub.archive.append([journal.batch(frames, { gaps: [gap(100, 150, { reason: 'retention' })] })]);
  hub.observer.onFrames('plant-1', frames);
  return hub;
}

import { isFault } from '../../core/faults.ts';
import { ReceiverFault, type Rejected } from './channels/channel.ts';

/** Recipients who are done with a message: '' has it, else why it was refused there for good. */
export type Settled = Readonly<Record<string, string>>;

/**
 * Sends to each group those who are not settled yet, and settles them: one that fails or is refused holds up nobody else. Answers what
 * the other side said. Throws ReceiverFault with the names: failed while somebody is left to be tried again, refused when only those are
 * left who will never have it.
 */
export async function tellAll(
  groups: readonly (readonly string[])[],
  settled: Map<string, string>,
  send: (to: readonly string[]) => Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  const answers: string[] = [];
  const failed: Rejected[] = [];
  let retryAfterMs: number | undefined;
  const left = groups.map((group) => group.filter((name) => !settled.has(name)));
  for (const to of left.filter(({ length }) => length > 0)) {
    signal.throwIfAborted();
    try {
      answers.push(await send(to));
      for (const name of to) settled.set(name, '');
    } catch (error) {
      if (!(error instanceof ReceiverFault)) throw error;
      failed.push(...settle(to, error, settled));
      retryAfterMs = error.retryAfterMs;
      // Whoever asks to be left alone means all of them.
      if (retryAfterMs !== undefined) break;
    }
  }
  const refused = [...settled].filter(([, why]) => why !== '').map(([to, detail]) => ({ to, detail }));
  if (failed.length === 0 && refused.length === 0) return answers.join(' ');
  const told = settled.size - refused.length;
  const detail = detailOf([...failed, ...refused], told, groups.flat().length === 1);
  throw new ReceiverFault(failed.length > 0 ? 'receiver-failed' : 'receiver-refused', detail, { retryAfterMs });
}

/** Answers those who are to be tried again. */
function settle(to: readonly string[], error: ReceiverFault, settled: Map<string, string>): readonly Rejected[] {
  const { detail, rejected = to.map((name) => ({ to: name, detail, isForEver: isFault(error, 'receiver-refused') })) } =
    error;
  const names = new Set(rejected.map((each) => each.to));
  for (const name of to) if (!names.has(name)) settled.set(name, '');
  for (const each of rejected) if (each.isForEver) settled.set(each.to, each.detail || 'refused');
  return rejected.filter(({ isForEver }) => !isForEver);
}

/** `answered 400: no such number (01011112222, 01033334444); told: 3` */
function detailOf(left: readonly Pick<Rejected, 'to' | 'detail'>[], told: number, isOne: boolean): string {
  const byReason = new Map<string, string[]>();
  for (const { to, detail } of left) byReason.set(detail, [...(byReason.get(detail) ?? []), to]);
  const reasons = [...byReason].map(([detail, names]) => (isOne ? detail : `${detail} (${names.join(', ')})`));
  return [...reasons, ...(told > 0 ? [`told: ${told}`] : [])].join('; ');
}

import type { Result } from '../../cloud-sync/protocol/downlink.ts';
import { toResult, type WriteCommand, type WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import type { WritePath } from './write-path.ts';

/** Takes a command of the hub and tells what became of it, at once if the hub is there: else it asks again in its next session. */
export function hubWrite(
  gateway: string,
  writes: Pick<WritePath, 'take'>,
  tell: (result: Result) => void,
): (command: WriteCommand) => void {
  return ({ kind: _, gateway: meant, ...order }) => {
    const answer = (outcome: WriteOutcome) => tell(toResult(order.id, outcome));
    if (meant !== gateway) return answer({ state: 'refused', code: 'not-found', detail: `this is ${gateway}` });
    // What cannot be said now is said when the hub asks again.
    writes.take({ ...order, via: 'hub' }).then(answer, () => {});
  };
}

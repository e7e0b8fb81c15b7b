import type { WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import { takeMessage } from '../writes/bus-writes.ts';
import type { WritePath } from '../writes/write-path.ts';
import type { BrokerListener, KubeBroker } from './kube-broker.ts';

/** It would move a machine when nobody asks. */
const RETAINED: WriteOutcome = { state: 'refused', code: 'request-invalid', detail: 'a retained message' };

/**
 * Writes over a user topic of KubeEdge, `sluice/user/{gateway}/{device}/{point}/set`: where a Rule of the cluster publishes what was
 * posted in the cloud, and where programs on the node can. Each is a command like any other, answered at `…/set/result`, which EdgeCore
 * takes up to the cloud like all user topics.
 */
export function userTopicWrites(
  gateway: string,
  broker: Pick<KubeBroker, 'publish'>,
  writes: Pick<WritePath, 'take'>,
): BrokerListener {
  const topic = `sluice/user/${gateway}/+/+/set`;
  const before = `sluice/user/${gateway}/`;
  return {
    topic,
    heard: (place, { payload, dup, retain }) => {
      const point = place.slice(before.length, -'/set'.length);
      const message = { point, by: `kubeedge: ${topic}`.slice(0, 100), payload, isAgain: dup };
      const answer = retain ? Promise.resolve(RETAINED) : takeMessage(message, writes);
      // Where nobody is there to be told any more, what became of it is in the journal.
      void answer.then((body) => broker.publish(`${place}/result`, JSON.stringify(body))).catch(() => {});
    },
  };
}

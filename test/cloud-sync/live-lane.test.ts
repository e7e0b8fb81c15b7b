import { expect, test } from 'vitest';
import { LiveLane } from '../../cloud-sync/edge-hub/live-lane.ts';
import { encodeMessage, type LiveAlarm, liveSchema, parseMessage } from '../../cloud-sync/protocol/messages.ts';

const alarm = (seq: number, active: boolean): LiveAlarm => ({
  occurrence: { epoch: 'a'.repeat(32), seq },
  ...{ device: 'boiler', rule: 'hot', point: 'temp', at: 1, active, value: 80.5 },
});

test('tells each transition once, before values, and all that is active in a new session', () => {
  const lane = new LiveLane();
  expect(lane.messages(1, [[0, 5, 1]], [alarm(7, true)])).toEqual([
    { catalogue: 1, values: [], alarms: [alarm(7, true)] },
    { catalogue: 1, values: [[0, 5, 1]] },
  ]);
  expect(lane.messages(1, [[0, 5, 1]], [alarm(7, true)])).toEqual([]);
  expect(lane.messages(1, [], [alarm(7, false), alarm(9, true)])).toEqual([
    { catalogue: 1, values: [], alarms: [alarm(7, false), alarm(9, true)] },
  ]);
  const unsuppressed = { ...alarm(9, true), changed: { epoch: 'a'.repeat(32), seq: 12 } };
  expect(lane.messages(1, [], [alarm(7, false), unsuppressed])[0]?.alarms).toEqual([unsuppressed]);
  expect(new LiveLane().messages(1, [], [alarm(7, false), alarm(9, true)])).toHaveLength(1);
});

test('goes over the wire and back; a hub hears the values of a gateway that tells no alarms', () => {
  const message = {
    catalogue: 1,
    values: [],
    alarms: [{ ...alarm(2 ** 40, true), changed: { epoch: 'b'.repeat(32), seq: 2 ** 41 } }],
  };
  expect(parseMessage(liveSchema, encodeMessage(message))).toEqual(message);
  expect(parseMessage(liveSchema, encodeMessage({ catalogue: 1, values: [] }))).toEqual({ catalogue: 1, values: [] });
});

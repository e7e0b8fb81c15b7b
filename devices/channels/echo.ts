import { Fault } from '../../core/faults.ts';
import type { Step } from '../driver.ts';

/** The step on an adapter that hears itself: what was sent comes back first, byte for byte, then the answer. */
export function behindEcho(step: Step): Step {
  const { send, expect, atMost, answerBaudRate } = step;
  const { length } = send;
  return {
    send,
    ...(expect === undefined ? {} : { expect: expect + length }),
    ...(atMost === undefined ? {} : { atMost: atMost + length }),
    ...(answerBaudRate === undefined ? {} : { answerBaudRate }),
    until(bytes) {
      const heard = Math.min(bytes.length, length);
      for (let i = 0; i < heard; i++) {
        if (bytes[i] !== send[i]) throw new Fault('garbled', 'the echo differs from what was sent');
      }
      if (bytes.length <= length) return 0;
      const answer = step.until(bytes.subarray(length));
      return answer === 0 ? 0 : length + answer;
    },
  };
}

import { Fault } from '../../core/faults.ts';
import type { Step } from '../driver.ts';

/**
 * The step on an adapter that hears itself: what was sent comes back first, byte for byte, then the answer. A change of speed
 * before the answer throws the echo away; a line that cannot do that still has it.
 */
export function behindEcho(step: Step): Step {
  const { send, expect, atMost, answerBaudRate } = step;
  const { length } = send;
  return {
    send,
    ...(expect === undefined ? {} : { expect: expect + length }),
    ...(atMost === undefined ? {} : { atMost: atMost + length }),
    ...(answerBaudRate === undefined ? {} : { answerBaudRate }),
    until(bytes) {
      const skip = echoLength(step, bytes);
      if (skip > 0) checkEcho(send, bytes);
      if (bytes.length <= skip) return 0;
      const answer = step.until(bytes.subarray(skip));
      return answer === 0 ? 0 : skip + answer;
    },
  };
}

/** How many bytes of what came are the echo. */
export function echoLength({ send, answerBaudRate }: Step, bytes: Uint8Array): number {
  return answerBaudRate !== undefined && bytes[0] !== send[0] ? 0 : send.length;
}

function checkEcho(send: Uint8Array, bytes: Uint8Array): void {
  for (let i = 0; i < Math.min(bytes.length, send.length); i++) {
    if (bytes[i] !== send[i]) throw new Fault('garbled', 'the echo differs from what was sent');
  }
}

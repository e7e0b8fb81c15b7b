import { type Clock, systemClock } from '../../core/clock.ts';

/** The most that one turn of the loop counts for. */
const LONGEST_TURN_MS = 5;
const LOOK_EVERY_MS = 2;

/** What a timer of the system is early by at most. */
const EARLY_MS = 1;

let livedMs = performance.now();
let lookedAt = livedMs;

const ticks = () => livedMs + Math.min(performance.now() - lookedAt, LONGEST_TURN_MS);

setInterval(() => {
  livedMs = ticks();
  lookedAt = performance.now();
}, LOOK_EVERY_MS).unref();

function after(ms: number, then: () => void): () => void {
  const due = ticks() + ms;
  const wait = (left: number) =>
    systemClock.after(left, () => {
      const more = due - ticks();
      if (more <= EARLY_MS) then();
      else cancel = wait(more);
    });
  let cancel = wait(ms);
  return () => cancel();
}

/**
 * Time as this process lives through it: for tests whose devices live in the same process. While it stands still, or waits for a busy
 * machine, neither a device answers nor a time-out comes nearer. So a short time-out is always so many turns of the loop.
 */
export const livedClock: Clock = {
  ...systemClock,
  ticks,
  after,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        stop();
        reject(signal?.reason);
      };
      const stop = after(ms, () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      });
      signal?.addEventListener('abort', leave, { once: true });
    }),
};

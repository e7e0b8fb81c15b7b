/** What a round of fuzzing came to. */
export interface Tally {
  /** Inputs given. */
  readonly inputs: number;
  /** Refused with a fault of ours. */
  readonly refused: number;
  /** Taken, and found to be within all bounds. */
  readonly taken: number;
  /** Of one input, milliseconds of the processor. */
  readonly slowestMs: number;
  /** Most bytes that memory outside of the heap and in it grew by. */
  readonly grownBytes: number;
}

/** Runs `one` for so many inputs; it says whether it took the input, and throws what must never happen. */
export function fuzz(inputs: number, one: (round: number) => boolean): Tally {
  let [taken, slowestMs, grownBytes] = [0, 0, 0];
  const before = memory();
  for (let round = 0; round < inputs; round++) {
    const began = process.cpuUsage();
    if (one(round)) taken++;
    slowestMs = Math.max(slowestMs, process.cpuUsage(began).user / 1000);
    if (round % 64 === 0) grownBytes = Math.max(grownBytes, memory() - before);
  }
  return { inputs, refused: inputs - taken, taken, slowestMs: Math.round(slowestMs), grownBytes };
}

function memory(): number {
  return process.memoryUsage().rss;
}

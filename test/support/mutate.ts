/** Damages bytes in one of several ways, decided by the seed alone: bits, bytes, cuts, insertions, runs. */
export function mutated(bytes: Buffer, seed: number): Buffer {
  const random = seeded(seed);
  const pick = (below: number) => Math.floor(random() * below);
  const copy = Buffer.from(bytes);
  const at = pick(Math.max(1, copy.length));
  switch (pick(5)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << pick(8));
      return copy;
    case 1:
      for (let left = 1 + pick(8); left > 0; left--) copy[pick(copy.length)] = pick(256);
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), Buffer.from([pick(256), pick(256)]), copy.subarray(at)]);
    default:
      return copy.fill(pick(2) === 0 ? 255 : 0, at, Math.min(copy.length, at + 1 + pick(16)));
  }
}

/** Repeatable numbers 0 <= n < 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

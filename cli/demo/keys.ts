/** Calls back for each key on a terminal; returns what ends it. Elsewhere nothing is read. */
export function watchKeys(onKey: (key: string) => void): () => void {
  const input = process.stdin;
  if (!input.isTTY) return () => {};
  const listen = (chunk: Buffer) => {
    for (const key of chunk.toString()) onKey(key);
  };
  input.setRawMode(true);
  input.on('data', listen);
  return () => {
    input.off('data', listen);
    input.setRawMode(false);
    input.pause();
  };
}

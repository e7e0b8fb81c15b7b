/** A number as LevelDB writes it: seven bits a byte, the least first. Undefined where it does not end, or is larger than any file. */
export function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | undefined {
  let [value, factor] = [0, 1];
  for (let place = at; place < bytes.length && factor < 2 ** 49; place++) {
    const byte = bytes[place] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: place + 1 };
    factor *= 128;
  }
  return undefined;
}

const TABLE = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  TABLE[byte] = crc;
}

/** CRC-16 of bytes `from` up to `to`; it is sent low byte first [Modbus over Serial Line V1.02, 2.5.1.2]. */
export function crc16(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffff;
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return crc;
}

/** Do the last two bytes before `length` hold the CRC of those before them? */
export function hasCrc(bytes: Uint8Array, length: number): boolean {
  const crc = crc16(bytes, 0, length - 2);
  return bytes[length - 2] === (crc & 0xff) && bytes[length - 1] === crc >>> 8;
}

/** Writes the CRC of the bytes before `at` to `at` and the byte after it. */
export function putCrc(bytes: Uint8Array, at: number): void {
  const crc = crc16(bytes, 0, at);
  bytes[at] = crc & 0xff;
  bytes[at + 1] = crc >>> 8;
}

import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import type { SerialTiming } from '../channels/serial-timing.ts';

/** A device thinks this long before it answers. */
const TURNAROUND_MS = 1;

/**
 * Writes no faster than a line of this speed would carry it: pseudo-terminals and sockets have no baud rate.
 * `after`: bytes that the request took, which on a real line would still be arriving. Returns when the last byte was handed over, in
 * ticks: whoever was kept from going on after that does not know any more.
 */
export async function writePaced(
  socket: Duplex,
  bytes: Uint8Array,
  { clock, timing, after = 0 }: { clock: Clock; timing: SerialTiming; after?: number },
): Promise<number> {
  const { charMs, silenceMs } = timing;
  const start = clock.ticks() + after * charMs + silenceMs + TURNAROUND_MS;
  for (let sent = 0; ; ) {
    const now = clock.ticks();
    const due = Math.min(bytes.length, Math.floor((now - start) / charMs));
    if (due > sent) {
      socket.write(bytes.subarray(sent, due));
      sent = due;
    }
    if (sent === bytes.length || !socket.writable) return now;
    const left = start + bytes.length * charMs - clock.ticks();
    // A timer is late by up to a millisecond: the last one is waited for closely, or the line would be slower than its speed.
    await (left < 1.2 ? clock.yield() : clock.sleep(Math.max(1, Math.min(left - 1, start - clock.ticks()))));
  }
}

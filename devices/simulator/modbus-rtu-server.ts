import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import type { SerialTiming } from '../channels/serial-timing.ts';
import { hasCrc, putCrc } from '../modbus/crc16.ts';
import { STALE_MS } from './frame-server.ts';
import type { ModbusSlaves, SlaveReply } from './modbus-slave.ts';
import { writePaced } from './paced-writer.ts';
import type { SilenceWitness } from './silence-witness.ts';

export interface PacedLine {
  readonly clock: Clock;
  readonly timing: SerialTiming;
  readonly witness: SilenceWitness;
}

/** Serves one serial line, paced at its speed. What is no request is thrown away. */
export function serveModbusRtu(socket: Duplex, slaves: ModbusSlaves, line: PacedLine): void {
  let buffer: Buffer = Buffer.alloc(0);
  let heardAt = 0;
  socket.on('data', (chunk: Buffer) => {
    const now = line.clock.ticks();
    line.witness.heard(now);
    buffer = now - heardAt > STALE_MS ? chunk : Buffer.concat([buffer, chunk]);
    heardAt = now;
    for (;;) {
      const length = requestLength(buffer);
      if (length === 0 || buffer.length < length) return;
      const frame = buffer.subarray(0, length);
      if (!hasCrc(frame, length)) {
        buffer = Buffer.alloc(0);
        return;
      }
      buffer = buffer.subarray(length);
      const reply = slaves.answer(frame[0] as number, frame.subarray(1, length - 2));
      if (reply) void send(socket, frame, reply, line);
    }
  });
}

async function send(
  socket: Duplex,
  request: Buffer,
  { pdu, delayMs, garbled }: SlaveReply,
  { clock, timing, witness }: PacedLine,
): Promise<void> {
  const frame = Buffer.allocUnsafe(pdu.length + 3);
  frame[0] = request[0] as number;
  pdu.copy(frame, 1);
  putCrc(frame, pdu.length + 1);
  if (garbled) frame[frame.length - 1] = (frame[frame.length - 1] as number) ^ 0x5a;
  if (delayMs > 0) await clock.sleep(delayMs);
  witness.replied(await writePaced(socket, frame, { clock, timing, after: request.length }));
}

/** 0 while it cannot be known. */
function requestLength(bytes: Buffer): number {
  if (bytes.length < 7) return 0;
  return bytes[1] === 15 || bytes[1] === 16 ? 9 + (bytes[6] as number) : 8;
}

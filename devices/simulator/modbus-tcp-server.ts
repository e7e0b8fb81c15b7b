import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import { mbapFrame } from '../modbus/tcp-port.ts';
import type { ModbusSlaves, SlaveReply } from './modbus-slave.ts';

const HEADER = 6;
const NO_TARGET = 11;

/** Serves one connection. A unit that does not exist gets exception 11, as a gateway in front of a serial line answers. */
export function serveModbusTcp(socket: Socket, slaves: ModbusSlaves, clock: Clock): void {
  let buffer: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    try {
      for (let length = mbapFrame(buffer); length > 0; length = mbapFrame(buffer)) {
        const frame = buffer.subarray(0, length);
        buffer = buffer.subarray(length);
        const unit = frame[HEADER] as number;
        const reply = slaves.answer(unit, frame.subarray(HEADER + 1));
        if (reply) send(socket, frame, reply, clock);
        else if (!slaves.has(unit)) send(socket, frame, noTarget(frame), clock);
      }
    } catch (error) {
      if (!isFault(error)) throw error;
      socket.destroy();
    }
  });
}

function noTarget(frame: Buffer): SlaveReply {
  return { pdu: Buffer.of((frame[HEADER + 1] as number) | 0x80, NO_TARGET), delayMs: 0, garbled: false };
}

function send(socket: Socket, request: Buffer, { pdu, delayMs, garbled }: SlaveReply, clock: Clock): void {
  const frame = Buffer.allocUnsafe(HEADER + 1 + pdu.length);
  request.copy(frame, 0, 0, HEADER + 1);
  frame.writeUInt16BE(pdu.length + 1, 4);
  pdu.copy(frame, HEADER + 1);
  if (garbled) frame.fill(0xa5, 2);
  if (delayMs === 0) socket.write(frame);
  else clock.after(delayMs, () => socket.writable && socket.write(frame));
}

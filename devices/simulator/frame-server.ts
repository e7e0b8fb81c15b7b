import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import type { SerialTiming } from '../channels/serial-timing.ts';
import { writePaced } from './paced-writer.ts';
import type { SimDevice } from './sim-device.ts';

/** Bytes that came before a pause as long as this are no part of what comes now: another protocol's, or a torn request. */
export const STALE_MS = 30;

export interface FrameServer {
  readonly clock: Clock;
  readonly timing: SerialTiming;
}

/** What a simulated device answers: the frame of a healthy one, and which device that is. */
export interface FrameReply {
  readonly device: SimDevice;
  readonly frame: Buffer;
  /** Where the device has changed its speed. */
  readonly timing?: SerialTiming;
  /** What the device waits of itself before it answers. */
  readonly waitMs?: number;
  /** What it answers when it is busy, where the protocol has words for that. */
  readonly busy?: Buffer;
}

/**
 * Serves one protocol of framed requests on a serial line that others may share. `find` tells where the first whole request in
 * what was heard begins and ends; what is none is somebody else's.
 */
export function serveFrames(
  socket: Socket,
  parts: FrameServer,
  find: (heard: Buffer) => { readonly from: number; readonly to: number } | undefined,
  answer: (request: Buffer) => FrameReply | undefined,
): void {
  let heard: Buffer = Buffer.alloc(0);
  let heardAt = 0;
  socket.on('data', (chunk: Buffer) => {
    const now = parts.clock.ticks();
    heard = now - heardAt > STALE_MS ? chunk : Buffer.concat([heard, chunk]);
    heardAt = now;
    const place = find(heard);
    if (place === undefined) return;
    const request = heard.subarray(place.from, place.to);
    heard = Buffer.alloc(0);
    const reply = answer(request);
    if (reply !== undefined) void sendReply(socket, reply, place.to, parts);
  });
}

/** Answers as the device's state has it: late, damaged, busy or not at all. `after`: bytes that the request took. */
export async function sendReply(
  socket: Socket,
  { device, frame, busy, timing, waitMs = 0 }: FrameReply,
  after: number,
  { clock, timing: preset }: FrameServer,
): Promise<void> {
  const { fault } = device;
  const bytes = fault === 'busy' ? busy : Buffer.from(frame);
  if (fault === 'dead' || bytes === undefined) return;
  if (fault === 'garbled') bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0x5a;
  const lateMs = waitMs + (fault === 'slow' ? device.slowMs : 0);
  // The request took its time at the speed from before.
  if (timing !== undefined) await clock.sleep(after * preset.charMs + lateMs);
  else if (lateMs > 0) await clock.sleep(lateMs);
  await writePaced(socket, bytes, { clock, timing: timing ?? preset, after: timing === undefined ? after : 0 });
}

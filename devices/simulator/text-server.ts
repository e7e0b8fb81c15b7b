import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { isAbort } from '../../core/service.ts';
import type { SerialTiming } from '../channels/serial-timing.ts';
import type { DriverPoint } from '../driver.ts';
import { polledPoints } from '../polled-points.ts';
import type { Message, TextAddress } from '../text/address.ts';
import { fillIn, groupByMessage } from '../text/driver.ts';
import { toText } from '../text/lines.ts';
import { writePaced } from './paced-writer.ts';
import type { SimDevice, SimPoint } from './sim-device.ts';
import { renderLine } from './text-render.ts';

interface Speech {
  readonly device: SimDevice;
  readonly message: Message & { readonly example: string };
  readonly points: readonly SimPoint[];
}

/** How often an instrument talks by itself when its points do not say. */
const TALK_EVERY_MS = 1000;
const MOST_UNKNOWN = 256;

/** Serves one line of instruments that speak in text: answers what it is asked, and says the rest by itself. */
export function serveText(
  socket: Socket,
  devices: readonly SimDevice[],
  parts: { clock: Clock; timing: SerialTiming; signal: AbortSignal },
): void {
  const speeches = devices.flatMap(speechesOf);
  const asked = speeches.filter(({ message }) => message.send !== undefined);
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard = (heard + toText(chunk)).slice(-MOST_UNKNOWN);
    const speech = asked.find(({ message, device }) => heard.endsWith(fillIn(message.send ?? '', device.spec)));
    if (speech === undefined) return;
    const length = heard.length;
    heard = '';
    void say(socket, speech, parts, length);
  });
  const talking = speeches.filter(({ message }) => message.send === undefined);
  if (talking.length > 0) void talk(socket, talking, parts);
}

async function talk(
  socket: Socket,
  speeches: readonly Speech[],
  parts: { clock: Clock; timing: SerialTiming; signal: AbortSignal },
): Promise<void> {
  try {
    while (socket.writable) {
      for (const speech of speeches) await say(socket, speech, parts, 0);
      await parts.clock.sleep(TALK_EVERY_MS, parts.signal);
    }
  } catch (error) {
    if (!isAbort(error, parts.signal)) throw error;
  }
}

async function say(
  socket: Socket,
  { device, message, points }: Speech,
  { clock, timing }: { clock: Clock; timing: SerialTiming },
  after: number,
): Promise<void> {
  const { fault } = device;
  if (fault === 'dead' || fault === 'busy') return;
  const values = points.map((point) => ({ address: point.spec.address as TextAddress, value: point.read().value }));
  const line = Buffer.from(renderLine(message, values), 'latin1');
  if (fault === 'garbled') line.fill('?', Math.floor(line.length / 3), Math.floor(line.length / 2));
  if (fault === 'slow') await clock.sleep(device.slowMs);
  await writePaced(socket, line, { clock, timing, after });
}

function speechesOf(device: SimDevice): Speech[] {
  const byName = new Map(device.points.map((point) => [point.spec.name, point]));
  const requests = groupByMessage(polledPoints(device.spec) as readonly DriverPoint<TextAddress>[]);
  return requests.flatMap(({ message, points }) => {
    const { example } = message;
    if (example === undefined) return [];
    return [{ device, message: { ...message, example }, points: points.flatMap(({ name }) => byName.get(name) ?? []) }];
  });
}

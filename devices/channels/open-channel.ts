import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { ChannelSpec } from '../plant-types.ts';
import type { Channel } from './channel.ts';
import { LineChannel } from './line-channel.ts';
import { openSerialPort } from './serial-port.ts';
import { SerialWire } from './serial-wire.ts';
import { parseTcpPort } from './tcp-address.ts';
import { openTcpWire } from './tcp-wire.ts';

/** Time for a connection to come about; a device that answers within `timeoutMs` may still be slow to accept. */
const LEAST_CONNECT_MS = 3000;

/** The channel opens its line once it runs. */
export function openChannel(spec: ChannelSpec, { clock, log }: { clock: Clock; log: Log }): Channel {
  const target = parseTcpPort(spec.port);
  const { name, timeoutMs: answersWithin, serial, settleMs = 0, echo = false, followsSpeed = false } = spec;
  const { connectPauseMs = 0, closeAfterMs } = spec;
  const common = { name, timeoutMs: answersWithin, serial, settleMs, echo, connectPauseMs, closeAfterMs, clock, log };
  if (target !== undefined) {
    const timeoutMs = Math.max(LEAST_CONNECT_MS, spec.timeoutMs);
    return new LineChannel({
      ...common,
      slots: spec.maxInFlight,
      retunable: followsSpeed,
      open: (traffic, signal) => openTcpWire(target, { clock, traffic, timeoutMs, serial, followsSpeed, signal }),
    });
  }
  if (spec.port.startsWith('tcp:')) throw new Fault('usage', `${spec.port} is not of the form tcp://host:port`);
  return new LineChannel({
    ...common,
    slots: 1,
    retunable: true,
    open: async (traffic) => new SerialWire(await openSerialPort(spec.port, serial), serial, clock, traffic),
  });
}

/**
 * The far end of a serial line for a benchmark: `socat PTY,link=LINK,raw,echo=0 EXEC:"… line-server.ts BAUD UNITS",nofork` makes the
 * pseudo-terminal's master this process's standard input, so that no third process lies between gateway and device. At its
 * end it tells on standard error what silences it saw, as JSON.
 */
import { ReadStream } from 'node:tty';
import { systemClock } from '../core/clock.ts';
import { serialTiming } from '../devices/channels/serial-timing.ts';
import { serveModbusRtu } from '../devices/simulator/modbus-rtu-server.ts';
import { ModbusSlaves } from '../devices/simulator/modbus-slave.ts';
import { SilenceWitness } from '../devices/simulator/silence-witness.ts';
import { SimDevice } from '../devices/simulator/sim-device.ts';
import { meters } from './meters.ts';

const [baudRate, units, registers] = process.argv.slice(2).map(Number) as [number, number, number];
const timing = serialTiming({ baudRate, dataBits: 8, parity: 'even', stopBits: 1 });
const witness = new SilenceWitness(timing.silenceMs);
const devices = meters(units, registers).map(
  (spec, index) => new SimDevice(spec, index, 1000, { clock: systemClock, seed: 1, values: 'plausible' }),
);
serveModbusRtu(new ReadStream(0), new ModbusSlaves(devices, systemClock), { clock: systemClock, timing, witness });
console.error('ready');
process.once('SIGTERM', () => {
  console.error(JSON.stringify(witness.report()));
  process.exit(0);
});

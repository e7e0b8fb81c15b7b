import { farLine, lawfulMs, RTU_LINES } from './far-line.ts';
import { gatewayFigures, pointsOver } from './one-gateway.ts';
import type { Row } from './report.ts';

const UNITS = 4;

/** The whole gateway on a paced line, as fast as the line lets it. */
async function lineRows(baudRate: number, registers: number, idleMs: number): Promise<Row[]> {
  const line = await farLine(baudRate, UNITS, registers);
  const { rate, cpuMsPerSecond } = await gatewayFigures({
    channels: [`driver: modbus-rtu, port: "${line.port}", baudRate: ${baudRate}, parity: even, timeout: 1s`],
    devices: UNITS,
    every: '10ms',
    points: pointsOver(registers),
  });
  const { seen, broken } = await line.stop();
  return [
    {
      what: `Modbus RTU, ${baudRate} baud, ${registers} registers, whole gateway`,
      value: rate,
      unit: 'exchanges/s',
      baseline: { what: 'the lawful rate', value: 1000 / lawfulMs(baudRate, registers) },
      goal: { of: 'ratio', least: 0.98 },
    },
    { what: `  silences shorter than lawful, of ${seen}`, value: broken, unit: '', goal: { of: 'value', most: 0 } },
    {
      what: '  CPU of an exchange, journal and all, above idle',
      value: (cpuMsPerSecond - idleMs) / rate,
      unit: 'ms',
      goal: { of: 'value', most: 1 },
    },
  ];
}

export async function rtuRows(): Promise<Row[]> {
  const idle = await gatewayFigures({ channels: [], devices: 0, every: '1s', points: '' });
  const rows: Row[] = [{ what: 'an idle gateway: CPU', value: idle.cpuMsPerSecond, unit: 'ms a second' }];
  for (const [baudRate, registers] of RTU_LINES)
    rows.push(...(await lineRows(baudRate, registers, idle.cpuMsPerSecond)));
  return rows;
}

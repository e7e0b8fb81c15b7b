import { quickDevice } from './baselines.ts';
import { gatewayFigures, pointsOver } from './one-gateway.ts';
import { rtuRows } from './poll-rtu.ts';
import { tcpRows } from './poll-tcp.ts';
import type { Bench, Row } from './report.ts';

async function memoryRow(): Promise<Row> {
  const device = await quickDevice();
  const { rssMb } = await gatewayFigures({
    channels: [`driver: modbus-tcp, port: "tcp://127.0.0.1:${device.port}"`],
    devices: 1,
    every: '1s',
    points: pointsOver(2000),
  });
  device.stop();
  return {
    what: 'memory of a gateway with 1,000 points at 1 s',
    value: rssMb,
    unit: 'MB RSS',
    goal: { of: 'value', most: 110 },
  };
}

export const bench: Bench = {
  name: 'polling: rate, CPU and memory',
  run: async () => [...(await tcpRows()), ...(await rtuRows()), await memoryRow()],
};

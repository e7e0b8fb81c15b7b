import type { EdgeCore } from '../partners/kubeedge/edge-core.ts';

const DEVICES = 20;
const PER_DEVICE = 50;

/** A float32 in every other holding register. */
function register(device: number, point: number): number {
  return (device * PER_DEVICE + point) * 2;
}

/** 1,000 points of a Modbus TCP device on this port, once a second each: as lines and devices of gateway.yaml. */
export function thousandPoints(port: number): string {
  const point = (device: number, index: number) =>
    `      p${index}: { address: { table: holding, register: ${register(device, index)}, type: float32 } }\n`;
  const device = (index: number) =>
    `  - name: d${index}\n    channel: line\n    unitId: 1\n    every: 1s\n    points:\n${list(PER_DEVICE, (at) => point(index, at))}`;
  return `channels:\n  - { name: line, driver: modbus-tcp, port: "tcp://127.0.0.1:${port}" }\ndevices:\n${list(DEVICES, device)}`;
}

/** The same as Device objects of KubeEdge. */
export function thousandProperties(port: number): (edgeCore: EdgeCore) => void {
  const names = Array.from({ length: PER_DEVICE }, (_, index) => `p${index}`);
  return (edgeCore) => {
    for (let device = 0; device < DEVICES; device++)
      edgeCore.seed(
        {
          ...{ name: `d${device}`, model: 'm', config: { ip: '127.0.0.1', port, slaveID: 1 } },
          properties: names.map((name, point) => ({
            ...{ name, collectCycle: 1000 },
            visitors: { register: 'HoldingRegister', offset: register(device, point), limit: 2 },
          })),
        },
        { name: 'm', properties: names.map((name) => ({ name, type: 'FLOAT' })) },
      );
  };
}

function list(length: number, text: (index: number) => string): string {
  return Array.from({ length }, (_, index) => text(index)).join('');
}

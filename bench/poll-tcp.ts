import { libmodbusLoop, modbusSerialLoop, quickDevice, socketLoop } from './baselines.ts';
import { type Figures, gatewayFigures, pointsOver } from './one-gateway.ts';
import { median, type Row } from './report.ts';

const REGISTERS = 125;
const ROUNDS = 3;
/** On all channels together: as many points, however they are reached. */
const DEVICES = 20;
/** Neuron 2.15 on two cores of this kind, whole pipeline: 98,256 registers a second at 40 % of a core. */
const NEURON_PER_CPU_SECOND = 246_000;

interface Round {
  readonly library: number;
  readonly socket: number;
  readonly libmodbus: number | undefined;
  readonly one: Figures;
  readonly eight: Figures;
  readonly four: Figures;
}

async function round(port: number): Promise<Round> {
  const load = { devices: DEVICES, every: '1ms', points: pointsOver(REGISTERS) };
  const channel = `driver: modbus-tcp, port: "tcp://127.0.0.1:${port}"`;
  return {
    library: await modbusSerialLoop(port),
    one: await gatewayFigures({ ...load, channels: [channel] }),
    socket: await socketLoop(port),
    libmodbus: await libmodbusLoop(port),
    eight: await gatewayFigures({ ...load, channels: [`${channel}, maxInFlight: 8`] }),
    four: await gatewayFigures({ ...load, devices: DEVICES / 4, channels: Array.from({ length: 4 }, () => channel) }),
  };
}

/** The whole gateway (decoding, report by exception, journal) against loops that throw away what they read; all on one device. */
export async function tcpRows(): Promise<Row[]> {
  const device = await quickDevice();
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await round(device.port));
  device.stop();
  const middle = (of: (each: Round) => number) => median(rounds.map(of));
  const library = middle(({ library }) => library);
  const perCpuSecond = (of: (each: Round) => Figures) =>
    middle((each) => (of(each).rate * REGISTERS * 1000) / of(each).cpuMsPerSecond);
  const neuron = { what: 'Neuron 2.15', value: NEURON_PER_CPU_SECOND };
  const goal = { of: 'ratio', least: 2 } as const;
  return [
    { what: 'a bare modbus-serial loop, 125 registers, one at a time', value: library, unit: 'requests/s' },
    { what: 'a bare socket', value: middle(({ socket }) => socket), unit: 'requests/s' },
    { what: 'libmodbus', value: middle(({ libmodbus }) => libmodbus ?? Number.NaN), unit: 'requests/s' },
    {
      what: 'the whole gateway, one at a time',
      value: middle(({ one }) => one.rate),
      unit: 'requests/s',
      baseline: { what: 'the bare modbus-serial loop', value: library },
      goal: { of: 'ratio', least: 0.8 },
    },
    { what: '  of a CPU second', value: perCpuSecond(({ one }) => one), unit: 'registers', baseline: neuron, goal },
    {
      what: 'eight at once on one connection',
      value: middle(({ eight }) => eight.rate),
      unit: 'requests/s',
      baseline: { what: 'one at a time', value: middle(({ one }) => one.rate) },
    },
    { what: '  share of a core', value: middle(({ eight }) => eight.cpuMsPerSecond) / 10, unit: '%' },
    { what: '  of a CPU second', value: perCpuSecond(({ eight }) => eight), unit: 'registers', baseline: neuron, goal },
    {
      what: 'four connections',
      value: middle(({ four }) => four.rate),
      unit: 'requests/s',
      baseline: { what: 'one connection', value: middle(({ one }) => one.rate) },
    },
    { what: '  share of a core', value: middle(({ four }) => four.cpuMsPerSecond) / 10, unit: '%' },
    { what: '  of a CPU second', value: perCpuSecond(({ four }) => four), unit: 'registers', baseline: neuron, goal },
  ];
}

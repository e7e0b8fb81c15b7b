import { join } from 'node:path';
import type { CatalogueDevice, CatalogueEntry } from '../../../cloud-sync/protocol/catalogue.ts';
import type { ReadingColumn } from '../../../cloud-sync/protocol/frame.ts';
import { packageRoot } from '../../../core/package-root.ts';
import { bad, good, type Outcome } from '../../../core/reading.ts';
import { column, entry, Journal } from './batches.ts';
import { startHub } from './hub.ts';

/** Serves the built page with a plant that looks real: for pictures, and for looking at the page while working on it. */

const MINUTE = 60_000;
const HISTORY_MS = 26 * 60 * MINUTE;
const LIVE_HISTORY_MS = 70 * MINUTE;
const wave = (at: number, periodMs: number, phase = 0) => Math.sin((2 * Math.PI * at) / periodMs + phase);
const noise = (at: number, seed: number) => {
  const x = Math.sin(Math.floor(at / 1000) * 12.9898 + seed * 78.233) * 43_758.5453;
  return x - Math.floor(x) - 0.5;
};

type Signal = (at: number) => Outcome;
interface Plan extends Partial<CatalogueEntry> {
  readonly device: string;
  readonly point: string;
  readonly signal: Signal;
}

const number = (base: number, swing: number, periodMs: number, digits = 1, jitter = 0.1): Signal => {
  const seed = base * 7 + swing;
  return (at) =>
    good(Number((base + swing * wave(at, periodMs, seed) + jitter * swing * noise(at, seed)).toFixed(digits)));
};
const always =
  (value: boolean | string | number): Signal =>
  () =>
    good(value);

export const gapAt = (start: number) => [start - 34 * MINUTE, start - 26 * MINUTE] as const;

export function plans(start: number): readonly Plan[] {
  const faulty: Signal = (at) =>
    at > start - 9 * MINUTE && at < start - 6 * MINUTE ? bad('no-answer') : number(23.4, 1.6, 37 * MINUTE)(at);
  const p = (
    device: string,
    point: string,
    en: string,
    ko: string,
    unit: string | undefined,
    signal: Signal,
    more: Partial<CatalogueEntry> = {},
  ): Plan => ({ device, point, title: { en, ko }, unit, signal, everyMs: 1000, ...more });
  return [
    p('main-meter', 'voltage-l1', 'Voltage L1', 'L1 전압', 'V', number(229.6, 1.2, 11 * MINUTE)),
    p('main-meter', 'voltage-l2', 'Voltage L2', 'L2 전압', 'V', number(230.4, 1.1, 12 * MINUTE)),
    p('main-meter', 'voltage-l3', 'Voltage L3', 'L3 전압', 'V', number(228.9, 1.4, 9 * MINUTE)),
    p('main-meter', 'current-l1', 'Current L1', 'L1 전류', 'A', number(84.2, 9, 21 * MINUTE, 2)),
    p('main-meter', 'power', 'Active power', '유효 전력', 'kW', number(57.4, 6.5, 21 * MINUTE, 2)),
    p('main-meter', 'power-factor', 'Power factor', '역률', undefined, number(0.94, 0.02, 15 * MINUTE, 3)),
    p('main-meter', 'frequency', 'Frequency', '주파수', 'Hz', number(60, 0.03, 4 * MINUTE, 2)),
    p('main-meter', 'energy', 'Energy', '전력량', 'kWh', (at) => good(Math.floor(184_320 + (at - start) / 62_000))),
    p('crac-1', 'supply-temp', 'Supply air', '급기 온도', '°C', faulty),
    p('crac-1', 'return-temp', 'Return air', '환기 온도', '°C', number(29.1, 0.9, 37 * MINUTE)),
    p('crac-1', 'humidity', 'Humidity', '습도', '%RH', number(46, 3, 55 * MINUTE)),
    p('crac-1', 'fan', 'Fan', '팬', undefined, always(true), { kind: 'boolean', type: 'bool' }),
    p('crac-1', 'mode', 'Mode', '운전 모드', undefined, always(2), {
      enum: { 1: { en: 'Standby', ko: '대기' }, 2: { en: 'Cooling', ko: '냉방' } },
    }),
    p('crac-1', 'setpoint', 'Setpoint', '설정 온도', '°C', always(22), { writable: true, min: 18, max: 28 }),
    p('ups-1', 'input-voltage', 'Input voltage', '입력 전압', 'V', number(220.5, 1.5, 8 * MINUTE)),
    p('ups-1', 'load', 'Load', '부하율', '%', number(41, 4, 25 * MINUTE, 0)),
    p('ups-1', 'battery', 'Battery voltage', '배터리 전압', 'V', number(27.1, 0.1, 60 * MINUTE, 1)),
    p('ups-1', 'status', 'Status', '상태', undefined, always('Online'), { kind: 'text', type: 'string' }),
    p('room-a', 'temp', 'Temperature', '온도', '°C', number(22.6, 0.5, 42 * MINUTE)),
    p('room-a', 'humidity', 'Humidity', '습도', '%RH', number(44.8, 2, 50 * MINUTE)),
    p('room-b', 'temp', 'Temperature', '온도', '°C', () => bad('no-answer')),
    p('room-b', 'humidity', 'Humidity', '습도', '%RH', () => bad('no-answer')),
    p('leak-1', 'leak', 'Leak', '누수', undefined, always(false), { kind: 'boolean', type: 'bool' }),
    p('leak-1', 'distance', 'Distance', '누수 위치', 'm', () => bad('no-value')),
    p('weather', 'wind', 'Wind speed', '풍속', 'm/s', number(3.4, 1.8, 7 * MINUTE)),
    p('weather', 'pressure', 'Air pressure', '기압', 'hPa', number(1013.2, 1.2, 180 * MINUTE)),
  ];
}

const DEVICES: readonly CatalogueDevice[] = [
  {
    name: 'main-meter',
    title: { en: 'Main meter', ko: '주 전력량계' },
    class: 'power-meter',
    vendor: 'Eastron',
    model: 'SDM630',
    channel: 'bus-a',
  },
  { name: 'crac-1', title: { en: 'Cooling unit 1', ko: '항온항습기 1' }, class: 'crac', channel: 'plc' },
  { name: 'ups-1', title: { en: 'UPS 1', ko: 'UPS 1' }, class: 'ups', vendor: 'Megatec', model: 'Q1', channel: 'ups' },
  {
    name: 'room-a',
    title: { en: 'Server room A', ko: '서버실 A' },
    class: 'climate',
    vendor: 'XY',
    model: 'MD02',
    channel: 'bus-a',
  },
  {
    name: 'room-b',
    title: { en: 'Server room B', ko: '서버실 B' },
    class: 'climate',
    vendor: 'XY',
    model: 'MD02',
    channel: 'bus-a',
  },
  { name: 'leak-1', title: { en: 'Leak cable 1', ko: '누수 감지 1' }, class: 'leak', channel: 'plc' },
  { name: 'weather', title: { en: 'Weather station', ko: '기상 관측' }, class: 'other', channel: 'mast' },
];

const RULES = [
  [
    'crac-1',
    'supply-temp',
    'critical',
    { en: 'Supply air too hot', ko: '급기 온도 높음' },
    { en: 'Check compressor and filter; open the bypass', ko: '압축기와 필터를 확인하고 바이패스를 여세요' },
  ],
  [
    'ups-1',
    'load',
    'high',
    { en: 'UPS overloaded', ko: 'UPS 과부하' },
    { en: 'Switch off what is not needed', ko: '불필요한 부하를 차단하세요' },
  ],
  [
    'room-a',
    'humidity',
    'medium',
    { en: 'Humidity high', ko: '습도 높음' },
    { en: 'Check the humidifier', ko: '가습기를 확인하세요' },
  ],
  [
    'leak-1',
    'leak',
    'critical',
    { en: 'Water under the floor', ko: '바닥 누수' },
    { en: 'Go there and close the valve', ko: '현장에서 밸브를 잠그세요' },
  ],
  [
    'weather',
    'wind',
    'low',
    { en: 'Wind is strong', ko: '강풍' },
    { en: 'Close the roof windows', ko: '지붕 창을 닫으세요' },
  ],
] as const;

function alarm(device: string, point: string, at: number, active: boolean, value?: number | boolean) {
  const event = { event: 'alarm' as const, at, device, rule: `${point}/above`, point, active };
  return value === undefined ? event : { ...event, value };
}

/** `page`: the built page. Returns the address and what stops it. */
export async function startPreview({ port = 0, demo = true }: { port?: number; demo?: boolean } = {}) {
  const hub = await startHub({ demo, page: join(packageRoot, 'dist', 'monitor', 'dashboard') });
  const journal = new Journal('seoul-plant-1');
  const start = Date.now();
  const plan = plans(start);
  const catalogue = {
    version: 1,
    site: 'Seoul plant 1',
    timezone: 'Asia/Seoul',
    devices: [...DEVICES],
    points: plan.map(({ signal: _, ...more }, index) =>
      entry(index, more.device, more.point, { unit: undefined, ...more }),
    ),
    rules: RULES.map(([device, point, priority, text, action]) => ({
      ...{
        device,
        id: `${point}/above`,
        point,
        priority,
        text,
        action,
        condition: { kind: 'above', limit: 0, deadband: 0 },
      },
    })),
  };
  await hub.archive.append([journal.batch([journal.publish(catalogue, start - HISTORY_MS)], { arrivedAt: start })]);
  const [gapFrom, gapTo] = gapAt(start);
  const columns = (from: number, to: number, step: number): ReadingColumn[] =>
    plan.map(({ signal }, index) => {
      const rows: (readonly [number, Outcome])[] = [];
      for (let at = from; at < to; at += step) if (at < gapFrom || at > gapTo) rows.push([at, signal(at)]);
      return column(index, rows);
    });
  const coarse = journal.readings(columns(start - HISTORY_MS, start - LIVE_HISTORY_MS, 10_000));
  const fine = journal.readings(columns(start - LIVE_HISTORY_MS, start, 1000));
  await hub.archive.append([journal.batch([coarse, fine], { arrivedAt: start })]);
  hub.observer.onFrames(journal.gateway, [fine]);
  hub.observer.onSession(journal.gateway, 'online', {
    nonce: 'preview-preview',
    protocol: 1,
    frameFormats: [1],
    software: '0.1.0',
    boot: 1,
    epochs: [{ epoch: journal.epoch, floor: 0, next: journal.next, chain: '0'.repeat(16), confirmed: 0, boots: [] }],
    gaps: [],
    clock: { now: start + 12, synchronised: true },
    catalogue: 1,
  });
  const channel = (name: string, driver: string, port: string, utilisation: number, faults: number) => ({
    name,
    driver,
    port,
    state: 'open' as const,
    exchanges: 10_000,
    faults,
    utilisation,
  });
  const status = () =>
    hub.observer.onStatus(journal.gateway, {
      state: 'online',
      version: '0.1.0',
      backlog: 0,
      oldestUnsent: null,
      channels: [
        channel('bus-a', 'modbus-rtu', '/dev/serial/by-id/usb-FTDI-if00-port0', 0.46, 180),
        channel('plc', 'modbus-tcp', 'tcp://10.0.0.20:502', 0.08, 0),
        channel('ups', 'text-line', '/dev/ttyUSB1', 0.12, 2),
        {
          ...channel('mast', 'text-line', 'tcp://10.0.0.31:4001', 0, 10_000),
          state: 'faulted' as const,
          fault: 'connection-refused' as const,
        },
      ],
    });
  status();
  const raised = RULES.map(([device, point], i) =>
    alarm(device, point, start - (i + 1) * 7 * MINUTE, true, [33.4, 81, 47.9, true, 12.5][i] ?? true),
  );
  const over = RULES.slice(2).map(([device, point]) => alarm(device, point, start - 4 * MINUTE, false));
  const alarms = journal.events(...raised, ...over);
  await hub.archive.append([journal.batch([alarms], { arrivedAt: start })]);
  hub.observer.onFrames(journal.gateway, [alarms]);
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const now = Date.now();
      // The weather station's line is down: its points grow old.
      const frame = journal.readings(
        columns(now, now + 1, 1000).filter((_, index) => plan[index]?.device !== 'weather'),
      );
      await hub.archive.append([journal.batch([frame], { arrivedAt: now })]);
      hub.observer.onFrames(journal.gateway, [frame]);
      if (Math.random() < 0.1) status();
    }
  })();
  await hub.server.listen({ host: '127.0.0.1', port });
  const address = hub.server.server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`;
  return {
    hub,
    journal,
    url,
    async stop() {
      stopped = true;
      await loop;
      await hub.stop();
    },
  };
}

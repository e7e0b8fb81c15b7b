/** The demo's plant: one line of each kind. `ports` says where the simulator serves each channel. */
export const CHANNELS = ['plc', 'bus-a', 'ups-line', 'mast'] as const;
export type DemoChannel = (typeof CHANNELS)[number];

export const GATEWAY = 'demo-plant';

/** Meters and groups of the hub. The target is near what the plant draws, so that its forecast means something. */
export const ENERGY = `energy:
  timezone: Asia/Seoul
  meters:
    - { name: main,     title: { en: Main supply, ko: 수전 },     power: ${GATEWAY}/main-meter/power }
    - { name: racks,    title: { en: Racks, ko: 랙 },             power: ${GATEWAY}/rack-meter/power }
    - { name: lighting, title: { en: Lighting, ko: 조명 },        power: ${GATEWAY}/light-meter/power }
  groups:
    - { name: plant, title: { en: Whole plant, ko: 전체 },       meters: [main], target: 45 }
    - { name: rooms, title: { en: Server room, ko: 전산실 },     meters: [racks, lighting], target: 16 }
`;

export interface DemoSettings {
  readonly dataDir: string;
  readonly ports: Readonly<Record<string, string>>;
  readonly hubUrl?: string;
  /** Where the gateway listens; the simulator need not know. */
  readonly httpPort?: number;
  readonly busPort?: number;
  /** For the simulator: with the device that is there and that the gateway knows nothing of. */
  readonly withHidden?: boolean;
}

/** It answers on a line of the plant and is not configured: for a newcomer to find with a scan. */
export const HIDDEN = { line: 'bus-a', unitId: 5 } as const;

/** The simulator and the gateway read the same file, but for the hidden device, and with other ports. */
export function demoConfig({ dataDir, ports, hubUrl, httpPort, busPort, withHidden = false }: DemoSettings): string {
  // Before the simulator has said where it serves, any port of the right form will do.
  const port = (channel: DemoChannel) =>
    JSON.stringify(ports[channel] ?? (channel === 'plc' ? 'tcp://127.0.0.1:1' : `/dev/null/${channel}`));
  return `# Written by \`sluice demo\`: a server room with its power, cooling, leak detection and UPS, and a weather mast on the roof.
gateway: ${GATEWAY}
site: Demo plant
timezone: Asia/Seoul
dataDir: ${JSON.stringify(dataDir)}
${hubUrl ? `hub: { url: ${hubUrl} }\nmanaged: hub` : ''}
${httpPort ? `http: { listen: 127.0.0.1:${httpPort} }` : ''}
${busPort ? `eventBus: { listen: 127.0.0.1:${busPort} }` : ''}
channels:
  - { name: plc,      driver: modbus-tcp, port: ${port('plc')}, timeout: 1s }
  - { name: bus-a,    driver: modbus-rtu, port: ${port('bus-a')}, baudRate: 19200, parity: even, timeout: 500ms }
  - { name: ups-line, driver: text-line,  port: ${port('ups-line')}, baudRate: 2400 }
  - { name: mast,     driver: text-line,  port: ${port('mast')}, baudRate: 4800 }
devices:
  - { name: main-meter,  channel: plc,      unitId: 1, profile: schneider/pm5110, every: 1s, title: { en: Main meter, ko: 수전 전력량계 }, points: { power: { typical: 42 } } }
  - { name: crac-1,      channel: plc,      unitId: 2, profile: vertiv/liebert-c100, every: 1s, title: { en: Air conditioner 1, ko: 항온항습기 1 } }
  - { name: leak-1,      channel: plc,      unitId: 3, profile: rle/ld1500,       every: 1s, title: { en: Leak detector 1, ko: 누수 감지기 1 } }
  - { name: rack-meter,  channel: bus-a,    unitId: 1, profile: eastron/sdm630,   every: 2s, title: { en: Rack feed meter, ko: 랙 전력량계 }, points: { power: { typical: 14500 }, power-factor: { typical: 0.97 } } }
  - { name: light-meter, channel: bus-a,    unitId: 2, profile: eastron/sdm120,   every: 2s, title: { en: Lighting meter, ko: 조명 전력량계 }, points: { power: { typical: 640 }, power-factor: { typical: 0.92 } }, offlineAlarm: { onDelay: 15s } }
  # The delays are those of a demo: a visitor does not wait for minutes.
  - name: cold-aisle
    channel: bus-a
    unitId: 3
    profile: xy-md02
    every: 1s
    title: { en: Cold aisle, ko: 냉복도 온습도 }
    points: { temperature: { typical: 23 }, humidity: { typical: 47 } }
    alarms:
      - { id: high, point: temperature, above: 30, deadband: 1, onDelay: 3s, priority: high, group: heat, text: { en: Rack inlet too warm, ko: 랙 흡기 온도 높음 }, action: { en: Check the cooling of this aisle, ko: 해당 복도의 냉방을 확인하십시오 } }
      - { point: temperature, above: 32, deadband: 1, onDelay: 3s, priority: critical, group: heat, text: { en: Rack inlet far too warm, ko: 랙 흡기 온도 위험 }, action: { en: "Restore the cooling, or shut down load", ko: "냉방을 복구하거나 부하를 줄이십시오" } }
  - { name: hot-aisle,   channel: bus-a,    unitId: 4, profile: xy-md02,          every: 1s, title: { en: Hot aisle, ko: 열복도 온습도 }, points: { temperature: { typical: 34.5 }, humidity: { typical: 25 } }, withoutAlarms: [temperature/warm, temperature/high, temperature/above] }
  - { name: ups-1,       channel: ups-line, profile: megatec/q1,                  every: 2s, title: { en: UPS 1, ko: 무정전전원 1 } }
  - { name: weather,     channel: mast,     profile: nmea/weather,                every: 2s, title: { en: Weather mast, ko: 기상 관측 } }
${withHidden ? `  - { name: floor-leak,  channel: ${HIDDEN.line},    unitId: ${HIDDEN.unitId}, profile: rle/ld5000,       every: 2s }\n` : ''}`;
}

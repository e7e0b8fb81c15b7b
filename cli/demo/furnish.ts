import { GATEWAY } from './plant.ts';
import { DEMO_ROUND, DEMO_ROUND_ID } from './round.ts';

const device = (name: string) => `${GATEWAY}/${name}`;
const point = (name: string) => `${GATEWAY}/${name}`;
const box = (left: number, top: number, right: number, bottom: number) => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

/** The server room of the demo's plant, as somebody would have drawn it. */
const FLOOR = {
  name: 'Server room · 전산실',
  aspect: 1.7,
  widthMetres: 18,
  rooms: [
    { id: 'hall', name: 'Server room · 전산실', outline: box(0.02, 0.03, 0.7, 0.92) },
    { id: 'power', name: 'Power · 전기실', outline: box(0.7, 0.03, 0.98, 0.52) },
    { id: 'office', name: 'Office · 사무실', outline: box(0.7, 0.52, 0.98, 0.92) },
    { id: 'racks-1', name: 'Racks A · 랙 A', outline: box(0.22, 0.2, 0.62, 0.34) },
    { id: 'racks-2', name: 'Racks B · 랙 B', outline: box(0.22, 0.61, 0.62, 0.74) },
  ],
  zones: [
    {
      id: 'cold',
      name: 'Cold aisle · 냉복도',
      outline: box(0.2, 0.36, 0.64, 0.59),
      devices: [device('cold-aisle')],
    },
    { id: 'hot', name: 'Hot aisle · 열복도', outline: box(0.2, 0.76, 0.64, 0.9), devices: [device('hot-aisle')] },
    { id: 'cooling', name: 'CRAC 1 · 항온항습기 1', outline: box(0.03, 0.3, 0.18, 0.9), devices: [device('crac-1')] },
    {
      id: 'feed',
      name: 'Feed · 수전',
      outline: box(0.71, 0.14, 0.97, 0.5),
      devices: [device('main-meter'), device('ups-1')],
    },
  ],
  markers: [
    { id: 'crac', x: 0.105, y: 0.5, device: device('crac-1') },
    { id: 'leak', x: 0.105, y: 0.72, device: device('leak-1') },
    { id: 'cold-t', x: 0.33, y: 0.5, point: point('cold-aisle/temperature') },
    { id: 'cold-h', x: 0.51, y: 0.5, point: point('cold-aisle/humidity') },
    { id: 'hot-t', x: 0.33, y: 0.84, point: point('hot-aisle/temperature') },
    { id: 'hot-h', x: 0.51, y: 0.84, point: point('hot-aisle/humidity') },
    { id: 'rack-kw', x: 0.46, y: 0.27, device: device('rack-meter') },
    { id: 'main', x: 0.84, y: 0.28, device: device('main-meter') },
    { id: 'ups', x: 0.84, y: 0.43, device: device('ups-1') },
    { id: 'light', x: 0.84, y: 0.66, device: device('light-meter') },
    { id: 'weather', x: 0.84, y: 0.8, device: device('weather') },
    { id: 'gateway', x: 0.14, y: 0.15, gateway: GATEWAY },
  ],
};

const BOARD = {
  name: 'Cooling · 냉방',
  tiles: [
    {
      id: 'cold',
      kind: 'gauge',
      x: 0,
      y: 0,
      width: 3,
      height: 3,
      point: point('cold-aisle/temperature'),
      from: 10,
      to: 40,
    },
    { id: 'hot', kind: 'value', x: 3, y: 0, width: 3, height: 3, point: point('hot-aisle/temperature') },
    { id: 'fan', kind: 'state', x: 6, y: 0, width: 3, height: 3, point: point('crac-1/fan') },
    { id: 'leak', kind: 'state', x: 9, y: 0, width: 3, height: 3, point: point('leak-1/leak') },
    {
      id: 'hour',
      kind: 'trend',
      ...{ x: 0, y: 3, width: 8, height: 5 },
      title: 'Aisles, supply air · 복도, 급기',
      points: [point('cold-aisle/temperature'), point('hot-aisle/temperature'), point('crac-1/supply-temperature')],
      range: '1h',
    },
    { id: 'alarms', kind: 'alarms', x: 8, y: 3, width: 4, height: 5 },
    {
      id: 'power',
      kind: 'table',
      ...{ x: 0, y: 8, width: 6, height: 4 },
      title: 'Power · 전력',
      points: [point('main-meter/power'), point('rack-meter/power'), point('light-meter/power'), point('ups-1/load')],
    },
    {
      id: 'note',
      kind: 'text',
      ...{ x: 6, y: 8, width: 6, height: 4 },
      title: 'On call · 당직',
      text: 'Supply air stays between 15 and 18 °C. Above 30 °C at a rack inlet: call the cooling contractor.\n급기 온도는 15~18 °C를 유지합니다. 랙 흡기가 30 °C를 넘으면 냉방 업체에 연락하십시오.',
    },
  ],
};

/** What a visitor finds on the walls. */
const DOCUMENTS = [
  ['floor-plan', 'server-room', FLOOR],
  ['board', 'cooling', BOARD],
  ['round', DEMO_ROUND_ID, DEMO_ROUND],
] as const;
type Furniture = (typeof DOCUMENTS)[number];

/** What was never there: what somebody has changed or removed stays so. A demo lets anybody look. */
export async function missingFurniture(hub: string): Promise<readonly Furniture[]> {
  const missing = [];
  for (const each of DOCUMENTS) {
    const answer = await fetch(`${urlOf(hub, each)}/versions`);
    const { versions } = (await answer.json()) as { readonly versions: readonly unknown[] };
    if (versions.length === 0) missing.push(each);
  }
  return missing;
}

/** Through the API, as anybody would: with a key of an administrator. */
export async function furnish(hub: string, key: string, missing: readonly Furniture[]): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  for (const each of missing) {
    const saved = await fetch(urlOf(hub, each), {
      method: 'POST',
      headers,
      body: JSON.stringify({ from: 0, body: each[2] }),
    });
    if (!saved.ok) throw new Error(`${each[0]} ${each[1]}: ${saved.status} ${await saved.text()}`);
  }
}

function urlOf(hub: string, [kind, id]: Furniture): string {
  return `${hub}/api/v1/documents/${kind}/${id}`;
}

import { keyFor } from '../test/e2e/make-round.ts';
import { Site } from '../test/e2e/site.ts';
import { GATEWAY } from '../test/e2e/site-config.ts';
import type { Bench, Row } from './report.ts';

const LINES = 10;
const DEVICES = 10;
const POINTS = 100;
const COMMANDS = 300;
const WARM_UP_MS = 10_000;
const LOOK_EVERY_MS = 20;
const GOAL_MS = 300;

/** 10,000 points a second on ten lines; the one that is written lies on one of them. */
function plant(): string {
  const points = Array.from(
    { length: POINTS },
    (_, i) => `      p${i}: { address: { table: holding, register: ${i}, type: uint16 } }`,
  ).join('\n');
  const device = (line: number, unit: number) => `  - name: d-${line}-${unit}
    channel: tcp-${line}
    unitId: ${unit}
    every: 1s
    points:
${points}${line + unit > 1 ? '' : `\n      setpoint: { address: { table: holding, register: 200, type: uint16 }, writable: true, writeRate: { most: 1000, per: 1m } }`}`;
  const lines = Array.from({ length: LINES }, (_, line) => line);
  const units = Array.from({ length: DEVICES }, (_, i) => i + 1);
  return `channels:
${lines.map((line) => `  - { name: tcp-${line}, driver: modbus-tcp, port: $PORT_tcp-${line} }`).join('\n')}
devices:
${lines.flatMap((line) => units.map((unit) => device(line, unit))).join('\n')}
`;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** From the call to the answer that says "done", with the hub, the gateway and the devices as processes of their own. */
async function timeOne(site: Site, key: string, value: number): Promise<number> {
  const began = performance.now();
  const answer = await fetch(`${site.url}/api/v1/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ point: `${GATEWAY}/d-0-1/setpoint`, value }),
  });
  const { id } = (await answer.json()) as { id: string };
  for (;;) {
    const { state } = await site.json<{ state: string }>(`/api/v1/commands/${id}`);
    if (state === 'done') return performance.now() - began;
    if (state !== 'pending' && state !== 'sent') throw new Error(`command ${id} is ${state}`);
    await sleep(LOOK_EVERY_MS);
  }
}

export const bench: Bench = {
  name: 'commands: from the call of the API until it is done, while 10,000 points are polled each second',
  async run(): Promise<Row[]> {
    const site = await Site.start({ plant: plant(), journal: '1s' });
    try {
      const key = await keyFor(site, 'operator');
      await site.until(async () => (await site.latest()).has('d-0-1/setpoint'), 'a value at the hub', 60_000);
      await sleep(WARM_UP_MS);
      const times: number[] = [];
      for (let i = 0; i < COMMANDS; i++) {
        times.push(await timeOne(site, key, i));
        await sleep(50);
      }
      times.sort((a, b) => a - b);
      const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] as number;
      return [
        { what: 'points polled each second', value: LINES * DEVICES * POINTS, unit: '' },
        { what: 'commands, one after the other', value: COMMANDS, unit: '' },
        { what: 'call until done: p50', value: at(0.5), unit: 'ms' },
        { what: 'p95', value: at(0.95), unit: 'ms', goal: { of: 'value', most: GOAL_MS } },
        { what: 'slowest', value: at(1), unit: 'ms' },
      ];
    } finally {
      await site.stop();
    }
  },
};

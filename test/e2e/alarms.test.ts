import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { DeskStore } from '../../monitor/alarms/desk-store.ts';
import type { LogEntry } from '../../monitor/alarms/stage.ts';
import { Database } from '../../monitor/archive/database.ts';
import { archiveFile } from '../../monitor/parts.ts';
import { getJson, pause, Site } from './site.ts';

const GATEWAY = 'e2e';
/** A contact that changes with each reading, so that every second reading raises the alarm and the other clears it. */
const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - name: leak
    channel: tcp-plc
    unitId: 1
    every: 400ms
    points:
      wet: { address: { table: coil, register: 0, type: bool } }
    alarms:
      - { point: wet, equals: true, priority: critical, text: { en: Leak, ko: 누수 }, action: { en: Go there, ko: 현장 확인 } }
`;
/** Issue 5: from the reading at the edge to the decision at the hub. */
const DECIDED_WITHIN_MS = 1000;

interface Shown {
  readonly alarms: readonly {
    readonly id: string;
    readonly raisedAt: number;
    readonly text: { readonly ko?: string };
  }[];
}

let site: Site;
beforeAll(async () => {
  site = await Site.start({ plant: PLANT, values: 'oracle', retryWithin: '3s' });
});
afterAll(() => site?.stop());

const newest = async () => (await site.json<Shown>('/api/v1/alarms?state=history&limit=1')).alarms[0];

async function act(path: string, body: object): Promise<Response> {
  return fetch(`${site.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

test('edge and hub agree on every alarm after cuts and kill -9 of the hub; each is told once, and in time', {
  timeout: 180_000,
}, async () => {
  await site.until(async () => (await newest()) !== undefined, 'the first alarm at the hub');
  const ages: number[] = [];
  let last = await newest();
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    const now = await newest();
    if (now && now.id !== last?.id) ages.push(Date.now() - now.raisedAt);
    last = now;
    await pause(20);
  }
  console.log(`${ages.length} alarms seen at the hub after ${Math.min(...ages)} to ${Math.max(...ages)} ms`);
  expect(ages.length).toBeGreaterThan(5);
  expect(Math.max(...ages)).toBeLessThan(DECIDED_WITHIN_MS);
  expect(last?.text.ko).toBe('누수');

  for (let round = 0; round < 3; round++) {
    site.link.cut();
    await pause(3000);
    site.link.restore();
    await pause(400 + 700 * round);
    await site.hub.kill('SIGKILL');
    site.startHub();
    await site.hubReady();
    await site.until(async () => (await site.shown()).state === 'online', 'the gateway is back', 70_000);
    await pause(1000 + 300 * round);
  }
  const held = await newest();
  await act(`/alarms/${held?.id}/shelve`, { for: '1h', comment: 'known' });
  await site.drain();
  await pause(1500);
  expect((await getJson<Shown>(`${site.url}/api/v1/alarms?state=shelved`)).alarms).toHaveLength(1);
  await site.gateway.kill();
  expect(await site.hub.kill()).toBe(0);

  const { journalled, log } = await stored();
  expect(journalled.length).toBeGreaterThan(40);
  expect(log.filter((text) => /^(raised|cleared)/.test(text)).sort()).toEqual([...journalled].sort());
});

/** What the journal tells of alarms, and what the desk has in its log. */
async function stored(): Promise<{ journalled: readonly string[]; log: readonly string[] }> {
  const database = await Database.open(archiveFile(site.hubDir), systemClock);
  try {
    const rows = await database.read(
      `SELECT p.epoch, e.seq, e.body FROM events e JOIN epochs p ON p.id = e.epoch WHERE e.event = 'alarm' ORDER BY p.id, e.seq`,
    );
    let raised = '';
    const journalled = rows.map(({ epoch, seq, body }) => {
      const { active } = JSON.parse(String(body)) as { active: boolean };
      if (active) raised = `${GATEWAY}~${epoch}~${seq}`;
      return `${active ? 'raised' : 'cleared'} ${raised}`;
    });
    const entries: readonly LogEntry[] = await new DeskStore(database).logFrom(1, 100_000);
    return { journalled, log: entries.map(({ what, alarm }) => `${what} ${alarm.id}`) };
  } finally {
    await database.close();
  }
}

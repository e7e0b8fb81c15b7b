import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpReceiver, type Received } from '../monitor/notify/http-receiver.ts';
import { HeldUp } from '../support/held-up.ts';
import { pause, Site } from './site.ts';

const POINTS = 60;
/** Registers that count their readings: each passes its own limit once, one after the other, and stays above it. */
const points = Array.from(
  { length: POINTS },
  (_, i) => `      p${i}: { address: { table: holding, register: ${i}, type: uint16 } }`,
);
const alarms = Array.from(
  { length: POINTS },
  (_, i) =>
    `      - { point: p${i}, above: ${10 + 3 * i}, priority: critical, text: { en: Step ${i} }, action: { en: Look } }`,
);
const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - name: steps
    channel: tcp-plc
    unitId: 1
    every: 400ms
    points:
${points.join('\n')}
    alarms:
${alarms.join('\n')}
`;
/** Issue 5: from the reading at the edge to the receiver. */
const TOLD_WITHIN_MS = 3000;

interface Alert {
  readonly startsAt: string;
  readonly annotations: { readonly occurrence: string; readonly notices: string };
}

/** At least so often the hub is killed, however long its starts take. */
const KILLS = 3;

const heldUp = new HeldUp();
let receiver: HttpReceiver;
let site: Site;
beforeAll(async () => {
  receiver = await HttpReceiver.start();
  receiver.answer = (response, { path }) => {
    // Slow to answer, so that kills fall between taking a message and knowing that it was taken.
    if (path === '/soc') setTimeout(() => response.end(), 300);
  };
  const hook = (path: string) => `{ kind: webhook, url: "${receiver.url}/${path}" }`;
  const hubMore = `notify: { receivers: { hangs: ${hook('hangs')}, soc: ${hook('soc')} } }\n`;
  site = await Site.start({ plant: PLANT, values: 'oracle', hubMore, retryWithin: '3s' });
});
afterAll(async () => {
  await site?.stop();
  await receiver?.stop();
  heldUp.stop();
});

const messages = () => receiver.received.filter(({ path }) => path === '/soc');
const idOf = ({ headers }: Received) => String(headers['x-sluice-delivery']);
const alertsOf = ({ text }: Received) => JSON.parse(text).alerts as Alert[];

/** How long it took; the receiver is in this process, and hears nothing while that is held up. */
const ageOf = (at: number, raisedAt: number) => at - raisedAt - heldUp.within(raisedAt, at);

/** What was told, a message that came twice under one id counting once. */
function told() {
  // The first of each counts.
  const byId = new Map([...messages()].reverse().map((each) => [idOf(each), each] as const));
  return [...byId.values()].flatMap((message) =>
    alertsOf(message)
      .filter(({ annotations }) => annotations.notices.includes('raised'))
      .map(({ annotations, startsAt }) => ({
        id: annotations.occurrence,
        age: ageOf(message.at, Date.parse(startsAt)),
      })),
  );
}

test('each alarm is announced once over cuts and kill -9 of the hub; in time, though another receiver hangs', {
  timeout: 400_000,
}, async () => {
  await site.until(() => told().length >= 10, 'the first alarms at the receiver', 60_000);
  const ages = told().map(({ age }) => age);
  console.log(`${ages.length} alarms told ${Math.min(...ages)} to ${Math.max(...ages)} ms after the reading`);
  expect(Math.max(...ages)).toBeLessThan(TOLD_WITHIN_MS);

  let kills = 0;
  while (kills < KILLS || told().length < POINTS) {
    await pause(1500 + ((kills * 730) % 2900));
    if (kills % 3 === 1) site.link.cut();
    await site.hub.kill('SIGKILL');
    kills++;
    site.startHub();
    await site.hubReady();
    site.link.restore();
    const before = told().length;
    await site.until(() => told().length > before || told().length === POINTS, 'it goes on', 70_000);
  }
  await pause(3000);
  const raised = await site.json<{ alarms: { id: string }[] }>('/api/v1/alarms?state=history&limit=1000');
  const again = messages().length - new Set(messages().map(idOf)).size;
  console.log(`${kills} kills, ${messages().length} messages, ${again} of them a second time`);
  // docs/notifications.md: at most one for each receiver and restart, and it says the same.
  expect(again).toBeLessThanOrEqual(kills);
  const contents = (message: Received) => alertsOf(message).map(({ annotations }) => annotations.occurrence);
  const firsts = new Map<string, readonly string[]>();
  for (const message of messages()) {
    const known = firsts.get(idOf(message));
    if (known) expect(contents(message)).toEqual(known);
    else firsts.set(idOf(message), contents(message));
  }
  expect(
    told()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(raised.alarms.map(({ id }) => id).sort());
  expect(told()).toHaveLength(POINTS);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFaketime } from '../faults/needs.ts';
import { HttpReceiver } from '../monitor/notify/http-receiver.ts';
import { HeldUp } from '../support/held-up.ts';
import { describeIf } from '../support/tools.ts';
import { pause, Site } from './site.ts';
import { sluice } from './sluice-process.ts';

const WEEK_S = 7 * 86_400;
/** Contacts that were wet for a while in the week without a link, and are dry again. */
const PAST = ['zone-1', 'zone-2', 'zone-3', 'zone-4', 'zone-5', 'zone-6'];
/** This one gets wet while the week's backlog drains. */
const FRESH = 'zone-7';
const contacts = [...PAST, FRESH];
/** What fills the journal meanwhile. */
const NOISE = 250;
const JOURNALS_MS = 12_000;

const PLANT = `uplink: { maxBytesPerSecond: 6000 }
channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - name: leaks
    channel: tcp-plc
    unitId: 1
    every: 200ms
    points:
${contacts.map((name, i) => `      ${name}: { address: { table: coil, register: ${i}, type: bool }, writable: true }`).join('\n')}
    alarms:
${contacts.map((point) => `      - { point: ${point}, equals: true, priority: critical, text: { en: Leak in ${point} }, action: { en: Go there } }`).join('\n')}
  - name: noise
    channel: tcp-plc
    unitId: 2
    every: 100ms
    points:
${Array.from({ length: NOISE }, (_, i) => `      n${i}: { unit: °C, address: { table: holding, register: ${i}, type: int16, scale: 0.01 } }`).join('\n')}
`;
/** Issue 5. */
const TOLD_WITHIN_MS = 3000;

interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly startsAt: string;
  readonly labels: { readonly point: string };
}
interface Message {
  readonly at: number;
  readonly alerts: readonly Alert[];
}

describeIf(findFaketime() !== undefined, 'faketime', 'a week without a link', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-outage-'));
  /** What the gateway's clock shows besides the truth. */
  const clock = join(dir, 'clock');
  const heldUp = new HeldUp();
  let receiver: HttpReceiver;
  let site: Site;
  beforeAll(async () => {
    receiver = await HttpReceiver.start();
    writeFileSync(clock, `-${WEEK_S}`);
    site = await Site.start({
      plant: PLANT,
      hubMore: `notify: { receivers: { soc: { kind: webhook, url: "${receiver.url}" } } }\n`,
      prepare: async ({ link }) => link.cut(),
      gatewayEnv: {
        LD_PRELOAD: findFaketime() ?? '',
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    });
  });
  afterAll(async () => {
    await site?.stop();
    await receiver?.stop();
    heldUp.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function set(contact: string, isWet: boolean): Promise<void> {
    const place = ['--unit', '1', '--table', 'coil', '--register', String(contacts.indexOf(contact)), '--type', 'bool'];
    const wrote = await sluice('write', '--port', site.endpoint('tcp-plc'), ...place, '--value', String(isWet));
    expect(wrote.code, wrote.text).toBe(0);
  }

  const messages = (): Message[] =>
    receiver.received.map(({ at, text }) => ({ at, alerts: (JSON.parse(text) as { alerts: Alert[] }).alerts }));
  const naming = (contact: string) =>
    messages().filter(({ alerts }) => alerts.some(({ labels }) => labels.point === contact));

  test('what is raised while its backlog drains is told within three seconds, and what is over comes as one digest', {
    timeout: 240_000,
  }, async () => {
    for (const isWet of [false, true, false]) {
      for (const contact of PAST) await set(contact, isWet);
      await pause(1000);
    }
    await pause(JOURNALS_MS);
    await site.gateway.kill();
    writeFileSync(clock, '+0');
    site.startGateway();
    await set(FRESH, false);
    site.link.restore();
    await site.until(async () => ((await site.shown()).backlog ?? 0) > 0, 'the hub hears of the backlog');
    await pause(2000);
    const before = (await site.shown()).backlog ?? 0;
    await set(FRESH, true);
    await site.until(() => naming(FRESH).length > 0, 'the fresh alarm at the receiver');
    const { at, alerts } = naming(FRESH)[0] as Message;
    // From the reading; how long the command took that wets the contact is not looked at.
    const wetAt = Date.parse(alerts[0]?.startsAt ?? '');
    const left = (await site.shown()).backlog ?? 0;
    console.log(`told after ${at - wetAt} ms; backlog ${before} records before, ${left} behind it`);
    // The receiver is in this process, and hears nothing while that is held up.
    expect(at - wetAt - heldUp.within(wetAt, at)).toBeLessThan(TOLD_WITHIN_MS);
    expect(left, 'the backlog still drains').toBeGreaterThan(10_000);
    expect(
      alerts.map(({ labels }) => labels.point),
      'by itself',
    ).toEqual([FRESH]);

    await site.until(() => naming(PAST[0] as string).length > 0, 'the digest', 150_000);
    await pause(5000);
    const old = messages().filter(({ alerts: told }) => told.some(({ labels }) => labels.point !== FRESH));
    expect(old.map(({ alerts: told }) => told.map(({ labels }) => labels.point).sort())).toEqual([PAST]);
    const [digest] = old as [Message];
    const ages = digest.alerts.map(({ startsAt }) => Date.now() - Date.parse(startsAt));
    expect(digest.alerts.every(({ status }) => status === 'resolved')).toBe(true);
    expect(Math.min(...ages) / 1000, 'told with their own times').toBeGreaterThan(WEEK_S - 60);
  });
});

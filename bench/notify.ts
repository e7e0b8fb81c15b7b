import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../core/clock.ts';
import { quietLog } from '../core/log.ts';
import { HUB_RULE_TERMS } from '../monitor/alarms/hub-rule-terms.ts';
import { makeChannels } from '../monitor/notify/channels/make-channels.ts';
import { Notify } from '../monitor/notify/notify.ts';
import { TIMEOUT_MS } from '../monitor/notify/sender.ts';
import { parseHubSettings } from '../monitor/settings.ts';
import {
  GATEWAYS,
  minuteOfAlarms,
  type Parts,
  PER_SECOND,
  Plant,
  percentile,
  SECONDS,
  withHub,
} from './alarm-storm.ts';
import type { Bench, Row } from './report.ts';

/** What is left to tell after the minute: one digest. */
const SETTLE_MS = 75_000;
const CRITICAL_EVERY = 50;

/** A receiver on loopback, and when each alarm was first named to it. */
async function startReceiver() {
  const heard = new Map<string, number>();
  let messages = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const at = systemClock.ticks();
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        readonly alerts: readonly { readonly annotations: { readonly occurrence: string } }[];
      };
      messages++;
      for (const { annotations } of body.alerts) {
        if (!heard.has(annotations.occurrence)) heard.set(annotations.occurrence, at);
      }
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    messages: () => messages,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

interface Told {
  readonly raised: number;
  readonly untold: number;
  readonly messages: number;
  readonly lags: readonly number[];
}

/** The minute of alarms with one webhook that wants everything; a critical alarm of the hub's own every five seconds. */
async function storm(parts: Parts): Promise<Told> {
  const receiver = await startReceiver();
  const yaml = `dataDir: /d\nnotify: { receivers: { all: { kind: webhook, url: "${receiver.url}", tell: [] } } }`;
  const { notify: settings } = parseHubSettings(yaml);
  if (settings === undefined) throw new Error('no receiver');
  const channels = await makeChannels(settings, {}, TIMEOUT_MS);
  const notify = new Notify({ ...parts, settings, channels, clock: systemClock, log: quietLog });
  const stopping = new AbortController();
  const running = notify.run(stopping.signal);
  const raised = new Set<string>();
  const critical = new Map<string, number>();
  parts.desk.listen(({ what, alarm }) => {
    if (what === 'raised') raised.add(alarm.id);
  });
  const plants = Array.from({ length: GATEWAYS }, (_, i) => new Plant(i));
  await minuteOfAlarms(parts, plants, (n) => {
    if (n % CRITICAL_EVERY !== 0) return;
    const gateway = `quiet-${n}`;
    const name = { gateway, device: '', rule: 'gateway/offline', point: '' };
    const terms = { ...HUB_RULE_TERMS['gateway/offline'], priority: 'critical' } as const;
    const began = systemClock.ticks();
    void parts.desk.take([{ name, at: systemClock.now(), raise: { terms } }]).then(() => {
      const alarm = parts.desk.list().find((each) => each.gateway === gateway);
      if (alarm) critical.set(alarm.id, began);
    });
  });
  await systemClock.sleep(SETTLE_MS);
  stopping.abort();
  await running;
  await receiver.stop();
  const rows = await parts.database.read(
    `SELECT DISTINCT n.alarm FROM notices n JOIN deliveries d ON d.id = n.delivery WHERE d.state = 'delivered'`,
  );
  const told = new Set(rows.map(({ alarm }) => String(alarm)));
  return {
    raised: raised.size,
    untold: [...raised].filter((id) => !told.has(id)).length,
    messages: receiver.messages(),
    lags: [...critical].map(([id, began]) => (receiver.heard.get(id) ?? Number.POSITIVE_INFINITY) - began),
  };
}

export const bench: Bench = {
  name: 'notifications: a minute of alarms, one receiver that wants everything',
  async run(): Promise<Row[]> {
    const { raised, untold, messages, lags } = await withHub(storm);
    const most = (value: number) => ({ of: 'value', most: value }) as const;
    return [
      { what: `${PER_SECOND} transitions/s for ${SECONDS} s: alarms raised`, value: raised, unit: '' },
      { what: '  of them in no message', value: untold, unit: '', goal: most(0) },
      { what: '  messages', value: messages, unit: '', goal: most(100) },
      {
        what: '  a critical alarm meanwhile until the receiver has it, slowest',
        value: percentile(lags, 1),
        unit: 'ms',
        goal: most(3000),
      },
    ];
  },
};

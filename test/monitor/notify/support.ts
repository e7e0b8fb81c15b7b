import { systemClock } from '../../../core/clock.ts';
import { type Log, quietLog } from '../../../core/log.ts';
import { HUB_RULE_TERMS } from '../../../monitor/alarms/hub-rule-terms.ts';
import { makeChannels } from '../../../monitor/notify/channels/make-channels.ts';
import { Notify } from '../../../monitor/notify/notify.ts';
import type { Environment } from '../../../monitor/notify/secrets.ts';
import { TIMEOUT_MS } from '../../../monitor/notify/sender.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';
import { startHub, type TestHub } from '../support/hub.ts';

export async function until(ready: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await ready())) {
    if (performance.now() > end) throw new Error('not within the time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A hub with the receivers of `yaml` (what stands below `notify:`, as one line of YAML), running. */
export async function startNotifying(
  yaml: string,
  environment: Environment = {},
  { log = quietLog, prepare = async () => {} }: { log?: Log; prepare?: (hub: TestHub) => Promise<void> } = {},
) {
  const { notify: settings } = parseHubSettings(`dataDir: /d\npublicUrl: http://hub.test:8080\nnotify: ${yaml}`);
  if (!settings) throw new Error('no notify');
  const channels = await makeChannels(settings, environment, TIMEOUT_MS);
  let notify: Notify | undefined;
  const hub = await startHub({
    notify: (parts) => {
      notify = new Notify({ ...parts, settings, channels, clock: systemClock, log });
      return notify;
    },
  });
  const stop = new AbortController();
  await prepare(hub);
  const running = (notify as unknown as Notify).run(stop.signal);
  await until(async () => (await hub.database.read('SELECT 1 FROM notify_state')).length > 0);
  return {
    hub,
    notify: notify as unknown as Notify,
    async halt() {
      stop.abort();
      await running;
    },
    async stop() {
      stop.abort();
      await running;
      await hub.stop();
    },
  };
}

/** Raises or ends the hub's own alarm about a gateway. */
export async function gatewayOffline({ desk }: TestHub, gateway: string, isActive: boolean): Promise<void> {
  const name = { gateway, device: '', rule: 'gateway/offline', point: '' };
  const at = Date.now();
  await desk.take([isActive ? { name, at, raise: { terms: HUB_RULE_TERMS['gateway/offline'] } } : { name, at }]);
}

import type { Clock } from '../../core/clock.ts';
import { Condition, type Log } from '../../core/log.ts';
import type { Service } from '../../core/service.ts';
import { withoutSecrets } from './channels/guarded.ts';
import { post } from './channels/post.ts';
import { type Environment, Secrets } from './secrets.ts';
import type { NotifySettings } from './settings.ts';

const TIMEOUT_MS = 10_000;

export interface HeartbeatOptions {
  readonly settings: NonNullable<NotifySettings['heartbeat']>;
  readonly environment: Environment;
  /** Would anybody be told of an alarm? If not, the heart stands still. */
  readonly isAlive: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells a service elsewhere that people would be told of an alarm: that one raises its own when nothing comes, which a dead hub cannot.
 * Throws Fault settings-invalid, file-missing.
 */
export async function heartbeat({ settings, environment, isAlive, clock, log }: HeartbeatOptions): Promise<Service> {
  const secrets = new Secrets(environment);
  const url = await secrets.readUrl({ inline: settings.url, file: settings.urlFile }, 'notify.heartbeat');
  const failing = new Condition(log, 'the heartbeat does not reach its service');
  const held = new Condition(log, 'the heartbeat is held back: notifications are not planned');
  return {
    name: 'heartbeat',
    async run(signal) {
      for (;;) {
        const began = clock.ticks();
        if (isAlive()) {
          held.end(began);
          await beat(url, clock, signal).then(
            () => failing.end(clock.ticks()),
            (error: unknown) => failing.begin(clock.ticks(), { detail: withoutSecrets(error, secrets).detail }),
          );
        } else held.begin(began);
        await clock.sleep(Math.max(0, settings.every - (clock.ticks() - began)), signal);
      }
    },
  };
}

async function beat(url: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal.addEventListener('abort', abort, { once: true });
  const stop = clock.after(TIMEOUT_MS, abort);
  try {
    await post(url, JSON.stringify({ at: clock.now() }), {}, controller.signal);
  } finally {
    stop();
    signal.removeEventListener('abort', abort);
  }
}

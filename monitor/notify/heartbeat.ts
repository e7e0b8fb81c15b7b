import type { Clock } from '../../core/clock.ts';
import { Condition, type Log } from '../../core/log.ts';
import type { Service } from '../../core/service.ts';
import { post } from './channels/post.ts';
import { type Environment, readSecret } from './secrets.ts';
import type { NotifySettings } from './settings.ts';

const TIMEOUT_MS = 10_000;

/**
 * Tells a service elsewhere that the hub lives: that one raises the alarm when nothing comes, which a dead hub cannot.
 * Throws Fault settings-invalid, file-missing.
 */
export async function heartbeat(
  settings: NonNullable<NotifySettings['heartbeat']>,
  environment: Environment,
  clock: Clock,
  log: Log,
): Promise<Service> {
  const url = (await readSecret({ inline: settings.url, file: settings.urlFile }, environment)) ?? '';
  const failing = new Condition(log, 'the heartbeat does not reach its service');
  return {
    name: 'heartbeat',
    async run(signal) {
      for (;;) {
        const began = clock.ticks();
        await beat(url, clock, signal).then(
          () => failing.end(clock.ticks()),
          (error: unknown) => failing.begin(clock.ticks(), { err: error }),
        );
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

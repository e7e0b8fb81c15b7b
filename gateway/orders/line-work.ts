import type { Clock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import { openChannel } from '../../devices/channels/open-channel.ts';
import type { ChannelSpec } from '../../devices/plant-types.ts';
import type { RunningChannel } from '../poll/polling.ts';

export interface LineDeps {
  readonly polling: { readonly channels: readonly RunningChannel[] };
  readonly clock: Clock;
}

/** The line of the plant that has this port. */
export function lineInUse(port: string, { polling }: LineDeps): RunningChannel | undefined {
  return polling.channels.find(({ spec }) => spec.port === port);
}

/** Works on a line: one that is polled is shared, between its polls; any other is opened for this and closed again. */
export async function onLine<T>(
  spec: ChannelSpec,
  deps: LineDeps,
  signal: AbortSignal,
  work: (channel: Channel) => Promise<T>,
): Promise<T> {
  const inUse = lineInUse(spec.port, deps);
  if (inUse) return work(inUse.channel);
  const channel = openChannel({ ...spec, name: 'order' }, { clock: deps.clock, log: quietLog });
  const stopping = new AbortController();
  const done = channel.run(AbortSignal.any([signal, stopping.signal]));
  try {
    return await work(channel);
  } finally {
    stopping.abort();
    await done;
  }
}

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type Clock, systemClock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { ChannelSpec } from '../../devices/plant-types.ts';
import { openPty } from '../../devices/simulator/pty.ts';
import { channelAt, farEnd } from '../devices/far-end.ts';
import { startChannel } from '../devices/support.ts';

type Stop = () => Promise<unknown>;

/** Far ends and channels for the tests of the file that calls this; when a test ends they are stopped, the last first. */
export function useChannels() {
  const stops: Stop[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  const far = async (...given: Parameters<typeof farEnd>) => {
    const end = await farEnd(...given);
    stops.push(end.stop);
    return end;
  };

  /** A pseudo-terminal at `link`, whose other end is the far end at that number; and how to unplug it. */
  const plugIn = async (link: string, { number }: { readonly number: number }): Promise<Stop> => {
    const unplug = await openPty(link, { host: '127.0.0.1', port: number }, systemClock);
    stops.push(unplug);
    return unplug;
  };

  return {
    far,
    plugIn,

    /** The path of a pseudo-terminal with a far end of its own. */
    async pty(serve: Parameters<typeof farEnd>[0]): Promise<string> {
      const link = newLink();
      await plugIn(link, await far(serve));
      return link;
    },

    start(port: string, more: Partial<ChannelSpec> = {}, clock?: Clock): Channel {
      const { channel, stop } = startChannel(channelAt(port, more), clock);
      stops.push(stop);
      return channel;
    },
  };
}

/** A path where a pseudo-terminal can be. */
export const newLink = (): string => join(mkdtempSync(join(tmpdir(), 'sluice-pty-')), 'line');

/** What comes of it, or the fault's code. */
export function orCode<Result>(work: Promise<Result>): Promise<Result | string> {
  return work.catch((error: unknown) => (error instanceof Fault ? error.code : Promise.reject(error)));
}

/** The fault's code, or `no fault`. */
export const codeOf = (work: Promise<unknown>): Promise<unknown> => orCode(work.then(() => 'no fault'));

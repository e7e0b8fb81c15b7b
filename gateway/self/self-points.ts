import type { Clock } from '../../core/clock.ts';
import type { ChannelStatistics } from '../../devices/channels/channel.ts';
import type { Journal } from '../journal/journal.ts';
import { backlogOf } from '../journal/journal-summary.ts';
import type { GatewaySettings } from '../settings.ts';
import { machinePoints } from './machine-points.ts';
import type { SelfPoint } from './self-point.ts';
import { workPoints } from './work-points.ts';

export interface SelfSources {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly clockOffsetMs: () => number | undefined;
  readonly statistics: (line: string) => ChannelStatistics | undefined;
}

/** All that this gateway can tell of itself. */
export function selfPoints(
  { dataDir, hub, journal: { maxBytes }, plant }: GatewaySettings,
  { clock, journal, clockOffsetMs, statistics }: SelfSources,
): SelfPoint[] {
  return [
    ...machinePoints(dataDir),
    ...workPoints({
      ...{ clock, journal, journalMaxBytes: maxBytes, clockOffsetMs, statistics },
      backlog: hub && (() => backlogOf(journal)),
      lines: plant.channels.map(({ name }) => name),
    }),
  ];
}

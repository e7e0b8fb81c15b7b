import type { Clock } from '../../core/clock.ts';
import type { ChannelStatistics } from '../../devices/channels/channel.ts';
import type { ChannelSpec, DeviceSpec } from '../../devices/plant-types.ts';
import type { Journal } from '../journal/journal.ts';
import { backlogOf } from '../journal/journal-summary.ts';
import type { GatewaySettings } from '../settings.ts';
import { machinePoints } from './machine-points.ts';
import { selfDevice } from './self-device.ts';
import type { SelfPoint } from './self-point.ts';
import { linePoints, workPoints } from './work-points.ts';

export interface SelfSources {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly clockOffsetMs: () => number | undefined;
  readonly statistics: (line: string) => ChannelStatistics | undefined;
}

/** All that this gateway can tell of itself, with the lines that it has. */
export class SelfPoints {
  readonly #sources: SelfSources;
  readonly #always: readonly SelfPoint[];
  #lines = new Map<ChannelSpec, readonly SelfPoint[]>();

  constructor({ dataDir, hub, journal: { maxBytes } }: GatewaySettings, sources: SelfSources) {
    this.#sources = sources;
    const { clock, journal, clockOffsetMs } = sources;
    const backlog = hub && (() => backlogOf(journal));
    this.#always = [
      ...machinePoints(dataDir),
      ...workPoints({ clock, journal, journalMaxBytes: maxBytes, clockOffsetMs, backlog }),
    ];
  }

  get points(): readonly SelfPoint[] {
    return [...this.#always, ...[...this.#lines.values()].flat()];
  }

  /** The gateway as a device, with these lines from now on; those that it had go on counting. */
  deviceWith(lines: readonly ChannelSpec[]): DeviceSpec {
    const { clock, statistics } = this.#sources;
    const before = this.#lines;
    this.#lines = new Map(
      lines.map((spec) => [spec, before.get(spec) ?? linePoints(spec.name, { clock, statistics })]),
    );
    return selfDevice(this.points, lines);
  }
}

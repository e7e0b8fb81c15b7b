import type { Clock } from '../../core/clock.ts';
import { lineRule } from '../../core/rules/built-in.ts';
import { isAbort, type Service } from '../../core/service.ts';
import { STANDARD_LIMITS } from '../../devices/limits.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import type { PollSink } from '../poll/asker.ts';
import { EVERY_MS, outcomeOf, type SelfPoint } from './self-point.ts';

/** The name of the gateway among its devices. */
export const SELF = 'gateway';

/** The gateway is equipment too: what it knows of itself, as a device that nobody has to set up. */
export function selfDevice(points: readonly SelfPoint[], lines: readonly { readonly name: string }[] = []): DeviceSpec {
  return {
    ...{ name: SELF, title: { en: 'This gateway', ko: '이 게이트웨이' }, class: 'other', vendor: 'Sluice' },
    ...{ channel: SELF, driver: SELF, unitId: 0, limits: STANDARD_LIMITS },
    points: points.map(({ spec }) => spec),
    rules: [...points.flatMap(({ rules }) => rules), ...lines.map(({ name }) => lineRule(name))],
  };
}

/** Looks at the gateway every ten seconds. */
export class SelfReader implements Service {
  readonly name = 'self';
  #device: DeviceSpec;
  readonly #points: () => readonly SelfPoint[];
  readonly #sink: PollSink;
  readonly #clock: Clock;

  /** `device` is what `selfDevice` made of these points. */
  constructor(device: DeviceSpec, points: () => readonly SelfPoint[], sink: PollSink, clock: Clock) {
    this.#device = device;
    this.#points = points;
    this.#sink = sink;
    this.#clock = clock;
  }

  /** The gateway has other lines. */
  follow(device: DeviceSpec): void {
    this.#device = device;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(EVERY_MS, signal);
        await this.look();
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }

  async look(): Promise<void> {
    const answers = await Promise.all(
      this.#points().map(async (point) => [point.spec.name, await outcomeOf(point)] as const),
    );
    this.#sink.answers(this.#device, new Map(answers));
  }
}

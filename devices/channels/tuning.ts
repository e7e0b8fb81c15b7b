import type { Clock } from '../../core/clock.ts';
import type { SerialSettings } from '../driver.ts';
import type { LeaseOptions } from './channel.ts';
import type { Wire } from './wire.ts';

/** Several protocols on one line: each lease finds it set as that lease needs it, and rested after another protocol. */
export class Tuning {
  readonly #serial: SerialSettings;
  readonly #settleMs: number;
  readonly #clock: Clock;
  #driver: string | undefined;
  #endedAt = 0;

  constructor(serial: SerialSettings, settleMs: number, clock: Clock) {
    this.#serial = serial;
    this.#settleMs = settleMs;
    this.#clock = clock;
  }

  /**
   * Before a lease works. What the lease before it left behind (a speed agreed with a meter, a half-spoken session that failed) is
   * undone here and not at its end: so it is undone too where the end went wrong, and two leases alike cost nothing.
   */
  prepare(wire: Wire | undefined, { driver, serial = this.#serial }: LeaseOptions): Promise<void> | undefined {
    const isOther = driver !== undefined && this.#driver !== undefined && driver !== this.#driver;
    this.#driver = driver ?? this.#driver;
    const leftMs = isOther ? this.#endedAt + this.#settleMs - this.#clock.ticks() : 0;
    const changed = wire !== undefined && !isSame(wire.serial, serial) ? wire : undefined;
    // Nearly all leases: a fast line should not even wait for a promise.
    if (leftMs <= 0 && changed === undefined) return undefined;
    return this.#settle(leftMs).then(() => changed?.retune(serial));
  }

  async #settle(ms: number): Promise<void> {
    if (ms > 0) await this.#clock.sleep(ms);
  }

  ended(): void {
    if (this.#settleMs > 0) this.#endedAt = this.#clock.ticks();
  }
}

function isSame(a: SerialSettings, b: SerialSettings): boolean {
  if (a === b) return true;
  return a.baudRate === b.baudRate && a.dataBits === b.dataBits && a.parity === b.parity && a.stopBits === b.stopBits;
}

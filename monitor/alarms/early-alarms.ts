import type { LiveAlarm } from '../../cloud-sync/protocol/messages.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';

/** People hear of it within three seconds, by its device's name if need be. */
const LONGEST_WAIT_MS = 1000;

interface Waiting {
  /** In the order in which they came. */
  readonly alarms: { readonly alarm: LiveAlarm; readonly offsetMs: number }[];
  readonly catalogue: number;
  readonly cancel: () => void;
}

export interface EarlyParts {
  readonly clock: Clock;
  /** Is this catalogue of the gateway, or a newer one, stored? */
  readonly isKnown: (gateway: GatewayId, catalogue: number) => boolean;
  readonly tell: (gateway: GatewayId, alarms: readonly LiveAlarm[], offsetMs: number) => void;
}

/**
 * The live lane overtakes the journal, and at a gateway's first words also the catalogue that says what its alarms are called and how
 * urgent they are. Alarms that came too early wait for it, shortly.
 */
export class EarlyAlarms {
  readonly #parts: EarlyParts;
  readonly #waiting = new Map<GatewayId, Waiting>();

  constructor(parts: EarlyParts) {
    this.#parts = parts;
  }

  take(gateway: GatewayId, catalogue: number, alarms: readonly LiveAlarm[], offsetMs: number): void {
    if (alarms.length === 0) return;
    const { isKnown, tell, clock } = this.#parts;
    const held = this.#waiting.get(gateway);
    if (held === undefined && isKnown(gateway, catalogue)) {
      tell(gateway, alarms, offsetMs);
      return;
    }
    const fresh = alarms.map((alarm) => ({ alarm, offsetMs }));
    if (held) held.alarms.push(...fresh);
    else {
      const cancel = clock.after(LONGEST_WAIT_MS, () => this.#release(gateway));
      this.#waiting.set(gateway, { alarms: fresh, catalogue, cancel });
    }
  }

  /** Frames of the gateway were stored: the catalogue may be among them. */
  stored(gateway: GatewayId): void {
    const held = this.#waiting.get(gateway);
    if (held && this.#parts.isKnown(gateway, held.catalogue)) this.#release(gateway);
  }

  #release(gateway: GatewayId): void {
    const held = this.#waiting.get(gateway);
    if (held === undefined) return;
    held.cancel();
    this.#waiting.delete(gateway);
    for (const { alarm, offsetMs } of held.alarms) this.#parts.tell(gateway, [alarm], offsetMs);
  }
}

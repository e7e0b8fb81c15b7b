import type { DecodedFrame } from '../cloud-sync/protocol/decode-frame.ts';
import type { JournalEvent } from '../cloud-sync/protocol/events.ts';
import type { LiveAlarm } from '../cloud-sync/protocol/messages.ts';
import type { Epoch, GatewayId, Seq } from '../cloud-sync/protocol/numbers.ts';

/** Occurrences that are over are remembered, so that the slower lane does not raise them again; oldest go first. */
const MOST = 50_000;

/**
 * Alarm occurrences as both lanes tell them, whichever comes first: the live lane names them, the journal brings every
 * transition in order. Each occurrence is raised once and ends once.
 */
export class Occurrences {
  /** By occurrence: is it active? */
  readonly #known = new Map<string, boolean>();
  readonly #active = new Map<GatewayId, number>();
  /** By journal and rule: what the journal raised last. */
  readonly #raised = new Map<string, string>();

  /** Occurrences of a gateway that are not over. */
  active(gateway: GatewayId): number {
    return this.#active.get(gateway) ?? 0;
  }

  /** True if anything was news. */
  onLive(gateway: GatewayId, alarms: readonly LiveAlarm[]): boolean {
    return alarms.filter(({ occurrence, active }) => this.#tell(gateway, idOf(occurrence), active)).length > 0;
  }

  /** Frames of one gateway, in order. True if anything was news. */
  onFrames(gateway: GatewayId, frames: readonly DecodedFrame[]): boolean {
    let isNews = false;
    for (const frame of frames) {
      if (frame.kind !== 'events') continue;
      const { epoch, first } = frame.header;
      for (const [index, event] of frame.events.entries()) {
        const id = this.#occurrenceOf(event, { epoch, seq: first + index });
        if (event.event === 'alarm' && id !== undefined && this.#tell(gateway, id, event.active)) isNews = true;
      }
    }
    return isNews;
  }

  /** Which occurrence a transition belongs to: the one that its rule raised last. */
  #occurrenceOf(event: JournalEvent, place: Place): string | undefined {
    if (event.event !== 'alarm') return undefined;
    const rule = `${place.epoch}/${event.device}/${event.rule}`;
    if (event.active) this.#raised.set(rule, idOf(place));
    const id = this.#raised.get(rule);
    if (!event.active) this.#raised.delete(rule);
    return id;
  }

  #tell(gateway: GatewayId, id: string, active: boolean): boolean {
    const known = this.#known.get(id);
    // What is over stays over: a raising that comes later was only slower.
    if (known === false || known === active) return false;
    this.#known.set(id, active);
    const change = active ? 1 : known ? -1 : 0;
    this.#active.set(gateway, this.active(gateway) + change);
    if (this.#known.size > MOST) this.#forget();
    return true;
  }

  #forget(): void {
    for (const [id, active] of this.#known) {
      if (active) continue;
      this.#known.delete(id);
      return;
    }
  }
}

/** Of a record. */
interface Place {
  readonly epoch: Epoch;
  readonly seq: Seq;
}

function idOf({ epoch, seq }: Place): string {
  return `${epoch}/${seq}`;
}

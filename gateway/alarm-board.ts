import type { LiveAlarm } from '../cloud-sync/protocol/messages.ts';
import type { Epoch, Seq } from '../cloud-sync/protocol/numbers.ts';

/** The transition of an alarm rule as it is journalled. */
export interface Transition {
  readonly at: number;
  readonly device: string;
  readonly rule: string;
  readonly point: string;
  readonly active: boolean;
  readonly value?: LiveAlarm['value'];
}

/** Alarms that are over are still told for a while: the live lane may not have run when they ended. */
const MOST_OVER = 200;

/** What the live lane tells of alarms: those that are active, and the last that ended. Known once they are journalled. */
export class AlarmBoard {
  readonly #active = new Map<string, LiveAlarm>();
  #over: LiveAlarm[] = [];

  /** `place`: of the record, which names the occurrence if it raises one. */
  note(place: { readonly epoch: Epoch; readonly seq: Seq }, transition: Transition): void {
    const key = `${transition.device}/${transition.rule}`;
    const raised = this.#active.get(key);
    if (transition.active) {
      this.#active.set(key, { ...transition, occurrence: place });
    } else if (raised) {
      this.#active.delete(key);
      this.#over = [...this.#over, { ...transition, occurrence: raised.occurrence }].slice(-MOST_OVER);
    }
  }

  list(): readonly LiveAlarm[] {
    return [...this.#over, ...this.#active.values()];
  }
}

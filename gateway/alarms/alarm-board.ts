import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { LiveAlarm } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';

/** The transition of an alarm rule as it is journalled. */
export type Transition = Omit<Extract<JournalEvent, { event: 'alarm' }>, 'event'>;

/** Alarms that are over are still told for a while: the live lane may not have run when they ended. */
const MOST_OVER = 200;

/** What the live lane tells of alarms: those that are active, and the last that ended. Known once they are journalled. */
export class AlarmBoard {
  readonly #active = new Map<string, LiveAlarm>();
  #over: LiveAlarm[] = [];
  #listener: () => void = () => {};

  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** `place`: of the record, which names the occurrence if it raises one. */
  note(
    place: { readonly epoch: Epoch; readonly seq: Seq },
    { event: _, ...transition }: Transition & { event?: string },
  ): void {
    const key = `${transition.device}/${transition.rule}`;
    const raised = this.#active.get(key);
    if (transition.active && raised === undefined) this.#active.set(key, { ...transition, occurrence: place });
    else if (transition.active && raised !== undefined) {
      const { suppressed: _before, ...known } = raised;
      const now = transition.suppressed === true ? { suppressed: true } : {};
      this.#active.set(key, { ...known, ...now, changed: place });
    } else if (raised) {
      this.#active.delete(key);
      const end = { ...transition, occurrence: raised.occurrence, changed: place };
      this.#over = [...this.#over, end].slice(-MOST_OVER);
    }
    this.#listener();
  }

  /** As it was before a restart. */
  restore(alarm: LiveAlarm): void {
    this.#active.set(`${alarm.device}/${alarm.rule}`, alarm);
  }

  active(): readonly LiveAlarm[] {
    return [...this.#active.values()];
  }

  list(): readonly LiveAlarm[] {
    return [...this.#over, ...this.#active.values()];
  }
}

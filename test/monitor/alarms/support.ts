import type { Terms } from '../../../monitor/alarms/alarm.ts';
import type { JournalInput, LiveInput, Surroundings } from '../../../monitor/alarms/book.ts';
import { applyInput, type Input } from '../../../monitor/alarms/book.ts';
import { type Held, type LogEntry, Shelf, Stage } from '../../../monitor/alarms/stage.ts';
import type { Raise } from '../../../monitor/alarms/step.ts';
import { toTerms } from '../../../monitor/alarms/terms.ts';
import { EPOCH, T0 } from '../support/batches.ts';

export const GATEWAY = 'plant-1';

export function terms(more: Partial<Terms> = {}): Terms {
  return { ...toTerms({ priority: 'medium', text: { en: 'Hot' }, action: { en: 'Look' } }), ...more };
}

export function raise(at = T0, more: Partial<Raise> = {}): Raise {
  return {
    ...{ what: 'raise', id: `${GATEWAY}~${EPOCH}~${at - T0}`, at, heardAt: at, late: false },
    name: { gateway: GATEWAY, device: 'boiler', rule: 'hot', point: 'temp' },
    terms: terms(),
    suppressed: false,
    firstOut: false,
    ...more,
  };
}

/** A desk without a database: what it would have stored, and forgotten if it had been restarted in between. */
export class PureDesk {
  shelf = new Shelf();
  log: LogEntry[] = [];
  filed: Stage['filed'] = [];
  readonly around: Surroundings;

  constructor(more: Partial<Surroundings> = {}) {
    this.around = { terms: () => terms(), journal: (_, epoch) => (epoch === EPOCH ? 1 : 2), ...more };
  }

  give(...inputs: readonly Input[]): readonly (string | undefined)[] {
    const stage = new Stage(this.shelf);
    const refusals = inputs.map((input) => applyInput(stage, input, this.around));
    this.shelf.merge(stage);
    this.log.push(...stage.log);
    this.filed.push(...stage.filed);
    return refusals;
  }

  /** Only what is stored comes back. */
  restart(): void {
    const fresh = new Shelf();
    for (const key of this.shelf.keys()) {
      fresh.set(key, JSON.parse(JSON.stringify(this.shelf.find(key))) as Held);
    }
    for (const [journal, next] of this.shelf.cursors) fresh.cursors.set(journal, next);
    fresh.next = this.shelf.next;
    this.shelf = fresh;
  }

  count(what: LogEntry['what']): number {
    return this.log.filter((entry) => entry.what === what).length;
  }
}

type Event = JournalInput['events'][number]['event'] & { event: 'alarm' };

export function transition(active: boolean, more: Partial<Event> = {}): Event {
  return { ...{ event: 'alarm', at: T0, device: 'boiler', rule: 'hot', point: 'temp', active }, ...more };
}

/** Records from number `first` on. */
export function journal(
  first: number,
  events: readonly JournalInput['events'][number]['event'][],
  more: Partial<JournalInput> = {},
): JournalInput {
  return {
    ...{ kind: 'journal', gateway: GATEWAY, epoch: EPOCH, journal: 1, next: first + events.length },
    events: events.map((event, index) => ({ seq: first + index, event, heardAt: event.at })),
    ...more,
  };
}

export function live(seq: number, active: boolean, more: Partial<LiveInput['alarms'][number]> = {}): LiveInput {
  const { event: _, ...rest } = transition(active);
  return {
    ...{ kind: 'live', gateway: GATEWAY, heardAt: more.at ?? T0 },
    alarms: [{ ...rest, occurrence: { epoch: EPOCH, seq }, ...more }],
  };
}

import type { Alarm } from '../data/api.ts';

/** What is told once when it comes: not what was there when the page was opened, nor what somebody has seen already. */
export class NewAlarms {
  #known: Set<string> | undefined;

  /** `isLoaded`: the hub has answered; an empty list before says nothing. */
  take(alarms: readonly Alarm[], isLoaded: boolean): readonly Alarm[] {
    if (!isLoaded) return [];
    const known = this.#known;
    this.#known = new Set([...(known ?? []), ...alarms.map(({ id }) => id)]);
    return known === undefined
      ? []
      : alarms.filter(({ id, active, acknowledged }) => active && !acknowledged && !known.has(id));
  }
}

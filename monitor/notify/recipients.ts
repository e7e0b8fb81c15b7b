import type { UnixMs } from '../../core/reading.ts';
import type { Alarm } from '../alarms/alarm.ts';
import { isWithin, zoneOf } from './calendar.ts';
import type { NotifySettings, ReceiverSettings } from './settings.ts';

/**
 * Who is told, by name. A receiver that no step of the escalation names is told at once; one that a roster names, only when it is on
 * call.
 */
export class Recipients {
  readonly #settings: NotifySettings;
  readonly #siteOf: (gateway: string) => string | undefined;
  /** Told by steps of the escalation only. */
  readonly #staged: ReadonlySet<string>;

  constructor(settings: NotifySettings, siteOf: (gateway: string) => string | undefined) {
    this.#settings = settings;
    this.#siteOf = siteOf;
    const named = settings.escalation.flatMap(({ to }) => to);
    this.#staged = new Set(named.flatMap((name) => [name, ...this.#members(name)]));
  }

  /** Those that are told of it when it is raised. */
  first(alarm: Alarm, now: UnixMs): readonly string[] {
    const { receivers, roster, escalation } = this.#settings;
    const rosters = Object.keys(roster).filter((name) => !this.#staged.has(name));
    const rostered = new Set(rosters.flatMap((name) => this.#members(name)));
    const free = Object.keys(receivers).filter((name) => !this.#staged.has(name) && !rostered.has(name));
    const onCall = rosters.flatMap((name) => this.#onCall(name, now)).filter((name) => !this.#staged.has(name));
    const step = escalation[0]?.after === 0 ? this.#named(0, now) : [];
    return this.#fitting([...free, ...onCall, ...step], alarm);
  }

  /** Those of a step of the escalation. */
  step(index: number, alarm: Alarm, now: UnixMs): readonly string[] {
    return this.#fitting(this.#named(index, now), alarm);
  }

  #named(index: number, now: UnixMs): readonly string[] {
    const to = this.#settings.escalation[index]?.to ?? [];
    return to.flatMap((name) => (this.#settings.roster[name] ? this.#onCall(name, now) : [name]));
  }

  #members(roster: string): readonly string[] {
    return this.#settings.roster[roster]?.turns.flatMap(({ receivers }) => receivers) ?? [];
  }

  /** If nobody is, everybody: an alarm that nobody hears of is worse. */
  #onCall(name: string, now: UnixMs): readonly string[] {
    const roster = this.#settings.roster[name];
    if (!roster) return [];
    const zone = zoneOf(roster.timezone ?? this.#settings.timezone);
    const turns = roster.turns.filter((turn) => isWithin(now, zone, turn, turn.days));
    return turns.length > 0 ? turns.flatMap(({ receivers }) => receivers) : this.#members(name);
  }

  #fitting(names: readonly string[], alarm: Alarm): readonly string[] {
    return [...new Set(names)].filter((name) => {
      const receiver = this.#settings.receivers[name];
      return receiver !== undefined && fits(receiver, alarm, this.#siteOf(alarm.gateway));
    });
  }
}

function fits({ priorities, gateways, sites }: ReceiverSettings, alarm: Alarm, site: string | undefined): boolean {
  if (priorities && !priorities.includes(alarm.priority)) return false;
  if (gateways && !gateways.some((pattern) => matches(pattern, alarm.gateway))) return false;
  return !sites || sites.some((pattern) => matches(pattern, site ?? ''));
}

/** A `*` at the end stands for anything. */
function matches(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

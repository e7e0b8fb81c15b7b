import type { LiveAlarm } from '../../cloud-sync/protocol/messages.ts';
import type { Clock } from '../../core/clock.ts';
import type { Outcome, UnixMs } from '../../core/reading.ts';
import { limitOf } from '../../core/rules/condition.ts';
import type { HolidaysGiven } from '../../core/rules/holidays.ts';
import { isActive, NORMAL, RESTORED, type Step, stepJudged, stepRule, stepTime } from '../../core/rules/step.ts';
import type { ChannelState } from '../../devices/channels/channel.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { isAlike, isSamePlace } from '../plant-change.ts';
import type { AlarmBoard, Transition } from './alarm-board.ts';
import { type Entry, needsTime, type WatchedDevice, watchDevice } from './entry.ts';
import { Suppression } from './suppression.ts';

export interface AlarmSettings {
  /** IANA name: the zone of schedules. */
  readonly timezone: string;
  readonly holidays: HolidaysGiven;
  /** Active before the restart. */
  readonly restored: readonly LiveAlarm[];
  readonly lineState: (channel: string) => ChannelState | undefined;
}

export interface EngineDeps {
  readonly devices: readonly DeviceSpec[];
  readonly newest: (device: string, point: string) => Outcome | undefined;
  /** Takes each transition to the journal. */
  readonly tell: (transition: Transition) => void;
  readonly board: AlarmBoard;
  readonly clock: Clock;
}

/** The alarm rules at the edge: they work with the link down. Steps them, and says what is suppressed by design. */
export class AlarmEngine {
  readonly #deps: EngineDeps;
  readonly #settings: AlarmSettings;
  readonly #suppression: Suppression;
  #devices: ReadonlyMap<string, WatchedDevice>;
  /** Rules that may change although nothing is read. */
  readonly #timed = new Set<Entry>();

  constructor(deps: EngineDeps, settings: AlarmSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#suppression = new Suppression(settings.timezone, settings.holidays, deps.clock);
    this.#devices = new Map(
      deps.devices.map((spec) => [spec.name, watchDevice(spec, (point) => deps.newest(spec.name, point))]),
    );
    for (const alarm of settings.restored) this.#restore(alarm);
    for (const { entries } of this.#devices.values()) for (const entry of entries) this.#remember(entry);
  }

  /** Other devices, made with `carryOver`: what stays as it is goes on as it stood; an alarm whose rule is gone ends. */
  change(devices: readonly DeviceSpec[], at: UnixMs): void {
    const before = this.#devices;
    this.#devices = new Map(devices.map((spec) => [spec.name, this.#carry(spec, before.get(spec.name))]));
    this.#timed.clear();
    for (const { entries } of this.#devices.values()) for (const entry of entries) this.#remember(entry);
    for (const watched of before.values()) {
      const names = new Set(this.#devices.get(watched.spec.name)?.entries.map(({ rule }) => rule.id));
      for (const entry of watched.entries) {
        if (names.has(entry.rule.id) || !isActive(entry.state)) continue;
        this.#tell({ ...entry, state: NORMAL, suppressed: false }, watched, at);
      }
    }
  }

  /** A rule that has changed and was active stays so until a reading shows that it is over, as after a restart. */
  #carry(spec: DeviceSpec, before: WatchedDevice | undefined): WatchedDevice {
    if (before?.spec === spec) return before;
    const watched = watchDevice(spec, (point) => this.#deps.newest(spec.name, point));
    if (before === undefined) return watched;
    for (const entry of watched.entries) {
      const known = before.entries.find(({ rule }) => rule.id === entry.rule.id);
      if (known === undefined) continue;
      const isSame = isAlike(known.rule, entry.rule) && isSamePlace(before.spec, spec);
      if (!isSame && !isActive(known.state)) continue;
      entry.state = isSame ? known.state : RESTORED;
      entry.suppressed = known.suppressed;
      entry.muted = known.muted;
    }
    if (isSamePlace(before.spec, spec)) {
      watched.online = before.online;
      watched.onlineSince = before.onlineSince;
    }
    return watched;
  }

  /** A point has been read: its newest outcome is that. */
  read(device: string, point: string, outcome: Outcome, at: UnixMs, ticks: number): void {
    const watched = this.#devices.get(device);
    for (const entry of watched?.byPoint.get(point) ?? []) {
      if (watched === undefined) return;
      const step = stepRule(entry.rule, entry.state, outcome, ticks, watched.of);
      this.#settle(entry, watched, step, at);
    }
  }

  /** A device came or went. */
  deviceIs(online: boolean, device: string, at: UnixMs, ticks: number): void {
    const watched = this.#devices.get(device);
    if (watched === undefined) return;
    if (online && watched.online !== true) watched.onlineSince = ticks;
    watched.online = online;
    for (const entry of watched.entries) {
      if (entry.rule.condition.kind !== 'offline') continue;
      this.#settle(entry, watched, stepJudged(entry.rule, entry.state, { holds: !online }, ticks), at);
    }
  }

  /** Time has passed: to be called about once a second. */
  pass(at: UnixMs, ticks: number): void {
    // Lines first: they speak for their devices.
    const timed = [...this.#timed].sort((a, b) => Number(isLine(b)) - Number(isLine(a)));
    for (const entry of timed) {
      const watched = this.#devices.get(entry.device) as WatchedDevice;
      this.#settle(entry, watched, this.#stepTimed(entry, ticks), at);
    }
  }

  #stepTimed(entry: Entry, ticks: number): Step {
    const { rule, state } = entry;
    if (rule.condition.kind !== 'line') return stepTime(rule, state, ticks);
    const { channel } = rule.condition;
    const line = this.#settings.lineState(channel)?.state;
    // While it is being opened again nothing is known: it stays what it was.
    const holds = line === 'faulted' ? true : line === 'open' ? false : undefined;
    if (holds !== undefined) this.#suppression.lineIs(channel, holds);
    return stepJudged(rule, state, { holds: holds ?? state.holds }, ticks);
  }

  #settle(entry: Entry, watched: WatchedDevice, { state, transition }: Step, at: UnixMs): void {
    const wasSuppressed = entry.suppressed;
    entry.state = state;
    entry.suppressed = isActive(state) && this.#suppression.of(entry, watched, at);
    this.#remember(entry);
    const changed = isActive(state) && entry.suppressed !== wasSuppressed;
    if (transition !== undefined || changed) this.#tell(entry, watched, at);
  }

  #tell({ rule, state, suppressed }: Entry, { spec, of }: WatchedDevice, at: UnixMs): void {
    const outcome = rule.point === '' ? undefined : of(rule.point);
    const limit = limitOf(rule.condition);
    this.#deps.tell({
      ...{ at, device: spec.name, rule: rule.id, point: rule.point, active: isActive(state) },
      ...(outcome?.quality === 'good' ? { value: outcome.value } : {}),
      ...(suppressed ? { suppressed } : {}),
      ...(limit === undefined ? {} : { limit }),
    });
  }

  #remember(entry: Entry): void {
    if (needsTime(entry)) this.#timed.add(entry);
    else this.#timed.delete(entry);
  }

  /** What a rule that is no longer there had raised is forgotten: the boot event says so by not naming it. */
  #restore(alarm: LiveAlarm): void {
    const entry = this.#devices.get(alarm.device)?.entries.find(({ rule }) => rule.id === alarm.rule);
    if (entry === undefined) return;
    const { condition } = entry.rule;
    entry.state = RESTORED;
    entry.suppressed = alarm.suppressed === true;
    entry.muted = entry.suppressed;
    if (condition.kind === 'line') this.#suppression.lineIs(condition.channel, true);
    this.#deps.board.restore(alarm);
  }
}

function isLine({ rule }: Entry): boolean {
  return rule.condition.kind === 'line';
}

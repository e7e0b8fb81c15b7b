import type { Clock } from '../core/clock.ts';
import type { UnixMs } from '../core/reading.ts';

/** What the wall clock's stamps are worth: not set yet, taken from the hub, or the system's. */
export type ClockState = 'unset' | 'hub' | 'system';

/** Something about the wall clock has changed, and the history must know. Milliseconds. */
export interface ClockChange {
  readonly source: 'system' | 'hub';
  /** Wall time from now on. */
  readonly at: UnixMs;
  readonly ticks: number;
  /** To be added to the uncertain stamps of this boot so far, so that they fit the clock as it is now. */
  readonly offset?: number;
  /** How far the clock jumped. */
  readonly step?: number;
  /** Stamps are certain from now on, and with `offset` those before. */
  readonly certain: boolean;
}

/** What a session has measured: the hub's wall time at an instant of our ticks, to within `errorMs`. */
export interface HubTime {
  readonly now: UnixMs;
  readonly ticks: number;
  readonly errorMs: number;
}

/** Without a synchronised system clock for so long, the hub's is the source. */
const WAIT_FOR_SYSTEM_MS = 300_000;
/** A smaller difference between wall time and ticks is a clock being slewed, or a busy machine. */
const LEAST_STEP_MS = 1000;
/** Two clocks that differ by more disagree. */
const MOST_OFFSET_MS = 2000;
/** What quartz may add to a difference measured some time ago: 100 ppm. */
const DRIFT = 1e-4;
/** A clock that jumped, and that nobody has confirmed, is believed again after so long. */
const CALM_MS = 86_400_000;

/**
 * The edge's wall time. A Pi has no battery clock: it starts in the past, jumps when a time server is reached, and may never
 * reach one. Until its clock is set, stamps run on ticks from the latest instant that is known to be past, and are marked as
 * uncertain; each change tells what to add to them. A clock that jumps later is doubted until it agrees with the hub's.
 */
export class EdgeClock implements Clock {
  readonly #system: Clock;
  readonly #startTicks: number;
  #state: ClockState = 'unset';
  #doubted = false;
  #doubtedAt = 0;
  /** Wall time minus ticks, while the system clock is not the source. */
  #base: number;
  /** System's wall time minus ticks when it was last looked at. */
  #seen: number;
  #hub: HubTime | undefined;

  /** `floor`: an instant that is known to be past, such as the last stamp of the journal. */
  constructor(system: Clock, floor: UnixMs) {
    this.#system = system;
    this.#startTicks = system.ticks();
    this.#base = Math.max(system.now(), floor) - this.#startTicks;
    this.#seen = wallMinusTicks(system);
    if (system.synchronised()) this.#state = 'system';
  }

  get state(): ClockState {
    return this.#state;
  }

  now(): UnixMs {
    if (this.#state !== 'system') return Math.round(this.#base + this.#system.ticks());
    // Until a jump has been looked at, stamps go on from before it: no reading falls in between.
    const [wall, expected] = [this.#system.now(), this.#seen + this.#system.ticks()];
    return Math.abs(wall - expected) < LEAST_STEP_MS ? wall : Math.round(expected);
  }

  ticks(): number {
    return this.#system.ticks();
  }

  /** Are stamps certain? False also for a clock that is set, and doubted. */
  synchronised(): boolean {
    return this.isSet() && !this.#doubted;
  }

  /** Is there a wall time to live by at all? */
  isSet(): boolean {
    return this.#state !== 'unset';
  }

  /** Hub's clock minus ours, if a session has measured it. */
  get hubOffsetMs(): number | undefined {
    return this.#hub && Math.round(this.#hub.now + (this.ticks() - this.#hub.ticks) - this.now());
  }

  /** The hub's wall time as a session has measured it, carried on by ticks, to within `errorMs`. */
  get hubNow(): { readonly now: UnixMs; readonly errorMs: number } | undefined {
    if (this.#hub === undefined) return undefined;
    const age = this.ticks() - this.#hub.ticks;
    return { now: this.#hub.now + age, errorMs: this.#hub.errorMs + age * DRIFT };
  }

  /** Does our clock differ from the hub's by more than can be explained? */
  get disagrees(): boolean {
    return this.#agrees() === false;
  }

  /** A later record shows that this instant is past. Only before the first stamp. */
  raiseFloor(floor: UnixMs): void {
    this.#base = Math.max(this.#base, floor - this.#startTicks);
  }

  hubSays(time: HubTime): void {
    this.#hub = time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#system.sleep(ms, signal);
  }

  after(ms: number, then: () => void): () => void {
    return this.#system.after(ms, then);
  }

  yield(): Promise<void> {
    return this.#system.yield();
  }

  /** To be called about once a second. What it returns has to be journalled at once. */
  check(): ClockChange | undefined {
    const step = this.#stepped();
    if (this.#state !== 'system') return this.#look();
    if (!this.#system.synchronised()) return this.#lose(step);
    return this.#judge(step);
  }

  /** How far the system's wall clock has jumped since the last look. */
  #stepped(): number {
    const difference = wallMinusTicks(this.#system);
    const step = Math.round(difference - this.#seen);
    this.#seen = difference;
    return Math.abs(step) < LEAST_STEP_MS ? 0 : step;
  }

  /** For a better source than ticks alone, or than the hub. */
  #look(): ClockChange | undefined {
    const before = this.now();
    if (this.#system.synchronised()) {
      const moved = this.#system.now() - before;
      return this.#state === 'hub' ? this.#leaveHub(moved) : this.#set('system', moved);
    }
    const waited = this.ticks() - this.#startTicks >= WAIT_FOR_SYSTEM_MS;
    if (this.#state === 'hub' || !waited || this.#hub === undefined) return undefined;
    const offset = this.hubOffsetMs ?? 0;
    this.#base += offset;
    return this.#set('hub', offset);
  }

  #set(source: 'system' | 'hub', offset: number): ClockChange {
    this.#state = source;
    this.#doubted = source === 'system' && this.#agrees() === false;
    return this.#change({ offset, certain: !this.#doubted });
  }

  /** The system's clock has been set after all; the stamps since were the hub's and are right as they are. */
  #leaveHub(step: number): ClockChange {
    this.#state = 'system';
    this.#doubted = this.#agrees() === false;
    return this.#change({ ...(step === 0 ? {} : { step }), certain: !this.#doubted });
  }

  /** The system's clock is no longer set, as after a jump to 1970: stamps go on from what was right before. */
  #lose(step: number): ClockChange {
    const wasUncertain = this.#doubted;
    this.#base = this.#seen - step;
    this.#state = 'unset';
    this.#doubted = false;
    return this.#change({ certain: false, ...(step === 0 ? {} : { step }), ...(wasUncertain ? { offset: 0 } : {}) });
  }

  /** The clock is set. Is it to be believed? */
  #judge(step: number): ClockChange | undefined {
    const wasDoubted = this.#doubted;
    const agrees = this.#agrees();
    if (agrees === undefined) {
      if (Math.abs(step) > MOST_OFFSET_MS) this.#doubt();
      else if (this.#doubted && this.ticks() - this.#doubtedAt > CALM_MS) this.#doubted = false;
    } else if (agrees) this.#doubted = false;
    else if (!wasDoubted || step !== 0) this.#doubt();
    if (step === 0 && wasDoubted === this.#doubted) return undefined;
    return this.#change({
      ...(step === 0 ? {} : { step }),
      ...(wasDoubted ? { offset: step } : {}),
      certain: !this.#doubted,
    });
  }

  #doubt(): void {
    this.#doubted = true;
    this.#doubtedAt = this.ticks();
  }

  /** Undefined while the hub's time is not known. */
  #agrees(): boolean | undefined {
    const offset = this.hubOffsetMs;
    if (this.#hub === undefined || offset === undefined) return undefined;
    const age = this.ticks() - this.#hub.ticks;
    return Math.abs(offset) <= MOST_OFFSET_MS + this.#hub.errorMs + age * DRIFT;
  }

  #change(what: Omit<ClockChange, 'source' | 'at' | 'ticks'>): ClockChange {
    const source = this.#state === 'hub' ? 'hub' : 'system';
    return { source, at: this.now(), ticks: this.ticks(), ...what };
  }
}

/** Both read at one instant: a process that was stopped in between would see a jump that never was. */
function wallMinusTicks(clock: Clock): number {
  for (;;) {
    const ticks = clock.ticks();
    const wall = clock.now();
    if (clock.ticks() - ticks < LEAST_STEP_MS / 10) return wall - ticks;
  }
}

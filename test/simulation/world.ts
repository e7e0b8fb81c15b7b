import type { JournalSettings } from '../../gateway/journal/journal.ts';
import { seeded } from '../support/mutate.ts';
import { Ledger, type Verdict } from './ledger.ts';
import { SimDisk, type SimImage } from './sim-disk.ts';
import { SimGateway } from './sim-gateway.ts';
import { type Held, SimArchive, SimHub } from './sim-hub.ts';
import { SimNetwork } from './sim-network.ts';
import { SimProcess, SimTime } from './sim-time.ts';

/** What may go wrong in a run. */
export const TROUBLES = [
  'kill-gateway',
  'power-cut',
  'kill-hub',
  'cut',
  'partition',
  'bad-network',
  'write-errors',
  'archive-errors',
  'clock',
  'full-disk',
  'small-quota',
  'bit-flips',
  'hub-restore',
  'image-restore',
] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Deliberate mistakes, which the oracle must catch. */
export type Mistake = 'unsynced' | 'early-acknowledgement' | 'dedup-by-time' | 'ignored-write-errors';

/** Troubles after which a loss may be declared. */
const LOSSY: readonly Trouble[] = ['full-disk', 'small-quota', 'bit-flips', 'hub-restore', 'image-restore'];

export interface Run {
  readonly seed: number;
  readonly troubles: readonly Trouble[];
  readonly verdict: Verdict;
  /** What must not be, in words; nothing if all is well. */
  readonly breaches: readonly string[];
  readonly troubled: number;
  readonly virtualMs: number;
}

export interface WorldOptions {
  readonly seed: number;
  readonly troubles?: readonly Trouble[];
  readonly mistake?: Mistake;
}

const HOUR = 3_600_000;

/** One run: a gateway, a hub and a network, in trouble for some minutes, then left in peace until all is delivered. */
export async function runWorld(options: WorldOptions): Promise<Run> {
  const before = Math.random;
  // Waits between attempts are drawn with it.
  Math.random = seeded(options.seed ^ 0x5eed);
  try {
    return await new World(options).run();
  } finally {
    Math.random = before;
  }
}

class World {
  readonly #options: WorldOptions;
  readonly #random: () => number;
  readonly #troubles: readonly Trouble[];
  readonly #time = new SimTime();
  readonly #fate = new SimProcess('fate');
  readonly #ledger = new Ledger();
  readonly #disk: SimDisk;
  readonly #network: SimNetwork;
  readonly #archive: SimArchive;
  readonly #hub: SimHub;
  readonly #gateway: SimGateway;
  readonly #stored = (epoch: string) => this.#archive.nextOf(epoch);
  #acknowledgedOnly = 0;
  #epochs = 0;
  #troubled = 0;
  #image: { readonly disk: SimImage; readonly reported: ReadonlyMap<string, number> } | undefined;
  #imageRestored = false;
  #backup: ReadonlyMap<string, Held> | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    const random = seeded(options.seed);
    this.#random = random;
    const share = 0.1 + 0.5 * random();
    this.#troubles = options.troubles ?? TROUBLES.filter(() => random() < share);
    this.#disk = new SimDisk(this.#time, random);
    this.#network = new SimNetwork(this.#time, random);
    this.#archive = new SimArchive(this.#time, random);
    this.#hub = new SimHub(this.#time, this.#archive, this.#network);
    this.#gateway = new SimGateway({
      name: 'g',
      time: this.#time,
      disk: this.#disk,
      network: this.#network,
      random,
      ledger: this.#ledger,
      settings: this.#settings(),
      points: 1 + Math.floor(random() * 5),
      newEpoch: () => (++this.#epochs).toString(16).padStart(32, '0'),
    });
    this.#disk.faults.lies = options.mistake === 'unsynced';
    this.#disk.faults.swallows = options.mistake === 'ignored-write-errors';
    this.#archive.faults.answersEarly = options.mistake === 'early-acknowledgement';
    this.#archive.faults.dropsByTime = options.mistake === 'dedup-by-time';
  }

  async run(): Promise<Run> {
    this.#hub.start();
    this.#gateway.start();
    const troubleEnds = 60_000 + this.#random() * 120_000;
    for (const trouble of this.#troubles) this.#plan(trouble);
    await this.#time.run(() => this.#time.ticks >= troubleEnds || this.#gateway.broken !== undefined, troubleEnds + 1);
    this.#heal();
    const isOver = () => this.#gateway.isDrained(this.#stored) || this.#gateway.broken !== undefined;
    const drained = await this.#time.run(isOver, 2 * HOUR);
    const verdict = this.#ledger.judge(this.#archive.all());
    return {
      seed: this.#options.seed,
      troubles: this.#troubles,
      verdict,
      breaches: this.#breaches(verdict, drained),
      troubled: this.#troubled,
      virtualMs: Math.round(this.#time.ticks),
    };
  }

  #breaches(verdict: Verdict, drained: boolean): string[] {
    const { undeclared, twice, misplaced, disordered, falselyDeclared, reused, declared } = verdict;
    const breaches = Object.entries({ undeclared, twice, misplaced, disordered, falselyDeclared, reused })
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${name}: ${count}`);
    if (declared > 0 && !this.#troubles.some((each) => LOSSY.includes(each))) breaches.push(`declared: ${declared}`);
    if (this.#acknowledgedOnly > 0) breaches.push(`acknowledged and not stored: ${this.#acknowledgedOnly}`);
    if (this.#gateway.broken) breaches.push(`the gateway ended: ${describe(this.#gateway.broken)}`);
    else if (!drained) breaches.push('not everything was delivered');
    return breaches;
  }

  #settings(): JournalSettings {
    const small = this.#troubles.includes('small-quota');
    return {
      commitInterval: 200 + this.#random() * 1000,
      commitBytes: 64 * 1024,
      maxBytes: small ? 4096 + this.#random() * 16_384 : 64 * 1024 * 1024,
      maxAge: 30 * 24 * HOUR,
      keepConfirmed: this.#random() < 0.5 ? 0 : 24 * HOUR,
      minFree: 0,
    };
  }

  /** Troubles of a kind come again and again, at their own pace. */
  #plan(trouble: Trouble): void {
    const meanMs = 2000 + this.#random() * 30_000;
    const next = () => {
      this.#time.after(this.#fate, -Math.log(1 - this.#random()) * meanMs, () => {
        this.#troubled++;
        this.#strike(trouble);
        next();
      });
    };
    next();
  }

  #strike(trouble: Trouble): void {
    const { faults } = this.#network;
    const strike: Record<Trouble, () => void> = {
      'kill-gateway': () => this.#killGateway(false),
      'power-cut': () => this.#killGateway(true),
      'kill-hub': () => this.#killHub(),
      cut: () => this.#network.cut(),
      partition: () => this.#forAWhile(60_000, (on) => (faults.partitioned = on)),
      'bad-network': () => this.#worsenNetwork(),
      'write-errors': () => this.#forAWhile(10_000, (on) => (this.#disk.faults.writeErrors = on ? 0.3 : 0)),
      'archive-errors': () => this.#forAWhile(20_000, (on) => (this.#archive.faults.failing = on ? 0.4 : 0)),
      clock: () => this.#time.stepWall((this.#random() - 0.5) * 4 * HOUR),
      'full-disk': () =>
        this.#forAWhile(
          20_000,
          (on) => (this.#disk.faults.capacity = on ? this.#disk.used + 2000 : Number.POSITIVE_INFINITY),
        ),
      'small-quota': () => this.#forAWhile(60_000, (on) => (faults.partitioned = on)),
      'bit-flips': () => this.#disk.flipBit(),
      'hub-restore': () => this.#backUpOrRestore(),
      'image-restore': () => this.#takeOrRestoreImage(),
    };
    strike[trouble]();
  }

  #worsenNetwork(): void {
    const { faults } = this.#network;
    const [lost, doubled, disordered] = [0.3 * this.#random(), 0.3 * this.#random(), 0.3 * this.#random()];
    const latencyMs = 20 + 2000 * this.#random();
    this.#forAWhile(30_000, (on) =>
      Object.assign(
        faults,
        on ? { lost, doubled, disordered, latencyMs } : { lost: 0, doubled: 0, disordered: 0, latencyMs: 20 },
      ),
    );
  }

  #forAWhile(longestMs: number, set: (on: boolean) => unknown): void {
    set(true);
    this.#time.after(this.#fate, this.#random() * longestMs, () => set(false));
  }

  #killGateway(power: boolean, meanwhile: () => void = () => {}): void {
    if (!this.#gateway.running) return;
    this.#gateway.kill();
    if (power) this.#disk.powerCut();
    meanwhile();
    this.#time.after(this.#fate, this.#random() * 5000, () => {
      if (!this.#gateway.running) this.#gateway.start();
    });
  }

  #killHub(meanwhile: () => void = () => {}): void {
    if (!this.#hub.running) return;
    this.#hub.kill();
    // A restored hub has less than it had told.
    if (!this.#troubles.includes('hub-restore')) this.#acknowledgedOnly += this.#gateway.beyond(this.#stored);
    meanwhile();
    this.#time.after(this.#fate, this.#random() * 5000, () => {
      if (!this.#hub.running) this.#hub.start();
    });
  }

  #backUpOrRestore(): void {
    if (this.#backup === undefined) this.#backup = this.#archive.backup();
    else {
      const backup = this.#backup;
      this.#backup = undefined;
      this.#killHub(() => this.#archive.restore(backup));
    }
  }

  /** Once in a run: see `docs/durability.md` for an image of a card that was itself restored from one and had not yet parted. */
  #takeOrRestoreImage(): void {
    if (!this.#gateway.running || this.#imageRestored) return;
    const image = this.#image;
    this.#image = image ? undefined : { disk: this.#disk.image(), reported: this.#ledger.reported() };
    if (image === undefined) return;
    this.#imageRestored = true;
    this.#killGateway(true, () => {
      this.#disk.restore(image.disk);
      this.#ledger.forget(image.reported);
    });
  }

  /** Everything works again, and nothing more is read. */
  #heal(): void {
    this.#fate.alive = false;
    Object.assign(this.#network.faults, { partitioned: false, lost: 0, doubled: 0, disordered: 0, latencyMs: 20 });
    Object.assign(this.#disk.faults, { writeErrors: 0, capacity: Number.POSITIVE_INFINITY });
    this.#archive.faults.failing = 0;
    this.#gateway.idle = true;
    if (!this.#hub.running) this.#hub.start();
    if (!this.#gateway.running) this.#gateway.start();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

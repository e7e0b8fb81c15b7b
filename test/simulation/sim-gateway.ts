import { makeAuthority } from '../../cloud-sync/cloud-hub/authority.ts';
import { createEdgeHub } from '../../cloud-sync/edge-hub/edge-hub.ts';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../../core/clock.ts';
import type { Metrics } from '../../core/metrics.ts';
import { bad, good } from '../../core/reading.ts';
import type { Journal, JournalSettings } from '../../gateway/journal/journal.ts';
import { openJournal } from '../../gateway/journal/open-journal.ts';
import type { Ledger } from './ledger.ts';
import type { SimDisk } from './sim-disk.ts';
import type { SimNetwork } from './sim-network.ts';
import { SimProcess, type SimTime } from './sim-time.ts';

/** Any certificate will do: nobody looks at it here, and in no run does its time come. */
const { certificate, key } = await makeAuthority(systemClock);
const IDENTITY = { certificate, key, ca: certificate };

type Random = () => number;

export interface SimGatewayOptions {
  readonly name: string;
  readonly time: SimTime;
  readonly disk: SimDisk;
  readonly network: SimNetwork;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly settings: JournalSettings;
  readonly points: number;
  readonly newEpoch: () => Epoch;
}

const meter = { set() {}, inc() {}, observe() {} };
const metrics = { gauge: () => meter, counter: () => meter, follow() {} } as unknown as Metrics;
const FOLDER = '/journal';

/** The gateway's process: the real journal and the real edge hub, and something that reads points. */
export class SimGateway {
  readonly #options: SimGatewayOptions;
  #process: SimProcess | undefined;
  #journal: Journal | undefined;
  readonly #supervisor = new SimProcess('supervisor');
  /** Why it ended by itself, which it never should. */
  broken: unknown;
  /** No more readings are to be made. */
  idle = false;

  constructor(options: SimGatewayOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  /** Is everything that was journalled stored, and does the gateway know? */
  isDrained(stored: (epoch: Epoch) => Seq): boolean {
    const epochs = this.#journal?.epochs();
    return epochs?.every(({ epoch, confirmed, next }) => confirmed === next && stored(epoch) >= next) ?? false;
  }

  /** Records it was told are stored, and that are not. */
  beyond(stored: (epoch: Epoch) => Seq): number {
    const epochs = this.#journal?.epochs() ?? [];
    return epochs.reduce((sum, { epoch, confirmed }) => sum + Math.max(0, confirmed - stored(epoch)), 0);
  }

  start(): void {
    const process = new SimProcess(this.#options.name);
    this.#process = process;
    this.#run(process).catch((error: unknown) => {
      if (process.alive) this.#ended(error);
    });
  }

  /** A disk that refuses while a gateway starts ends it; a supervisor starts it again. Anything else is a mistake. */
  #ended(error: unknown): void {
    this.kill();
    if (!String(error).includes('IO error')) this.broken = error;
    else this.#options.time.after(this.#supervisor, 1000, () => this.running || this.start());
  }

  kill(): void {
    const process = this.#process;
    if (process === undefined) return;
    process.alive = false;
    this.#process = undefined;
    this.#journal = undefined;
    this.#options.disk.killed(process);
    this.#options.network.killed(process);
  }

  async #run(process: SimProcess): Promise<void> {
    const { name, time, disk, network, settings, ledger, newEpoch } = this.#options;
    const clock = time.clockFor(process);
    const log = ledger.log(process);
    const journal = await openJournal({ folder: FOLDER, settings, clock, log, disk: disk.attach(process), newEpoch });
    const known = journal.knownCatalogue();
    if (known === null) await journal.publish(catalogueOf(this.#options.points));
    journal.event({ event: 'boot', at: clock.now(), boot: journal.boot, software: 'sim' });
    const edgeHub = createEdgeHub({
      gateway: name,
      url: 'mqtts://hub',
      identity: IDENTITY,
      outbox: journal,
      settings: { window: 64 * 1024, maxBytesPerSecond: 0, retryWithin: 60_000 },
      newest: () => [],
      status: () => ({ state: 'online' }),
      facts: { software: 'sim', boot: journal.boot },
      ...{ clock, log, metrics, connect: network.connector(process) },
    });
    this.#journal = journal;
    const never = new AbortController().signal;
    await Promise.all([journal.run(never), edgeHub.run(never), this.#read(process, journal)]);
  }

  /** Values that name their point and reading. */
  async #read(process: SimProcess, journal: Journal): Promise<void> {
    const { time, random, points, ledger } = this.#options;
    for (;;) {
      await time.sleep(process, 100 + random() * 400);
      if (this.idle) continue;
      for (let point = 0; point < points; point++) {
        const at = Math.round(time.wall);
        if (random() < 0.05) journal.reading(point, at, bad('no-answer'));
        else journal.reading(point, at, good(ledger.nextValue(point)));
      }
      if (random() < 0.05) {
        const event = { event: 'device', at: Math.round(time.wall), device: 'd', online: random() < 0.5 } as const;
        journal.event(event, { urgent: random() < 0.5 });
      }
    }
  }
}

function catalogueOf(points: number): Catalogue {
  return {
    version: 1,
    site: 'Simulated',
    timezone: 'Asia/Seoul',
    devices: [{ name: 'd', title: {}, class: 'other', channel: 'c' }],
    points: Array.from({ length: points }, (_, number) => ({
      ...{
        number,
        device: 'd',
        point: `p${number}`,
        title: {},
        kind: 'number' as const,
        type: 'uint32',
        writable: false,
      },
    })),
    rules: [],
  };
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LinkProxy } from '../../cli/demo/link-proxy.ts';
import { type Journalled, Reports } from '../support/reports.ts';
import { pickPorts } from './ports.ts';
import { GATEWAY, type GatewaySettings, gatewayYaml, hubYaml, type SiteOptions } from './site-config.ts';
import { SluiceProcess, sluice } from './sluice-process.ts';

/** A process of ours that is busy answers late; whoever asks here has no second try. */
const ANSWERS_WITHIN_MS = 20_000;

/** What the hub's API says of a gateway, as far as tests look. */
export interface GatewayShown {
  readonly id: string;
  readonly state: string;
  readonly epoch: string | null;
  readonly cursor: string | null;
  readonly backlog: number | null;
}

export interface LatestShown {
  readonly point: string;
  readonly at: number;
  readonly value: number | boolean | string | null;
  readonly quality: 'good' | 'bad';
  readonly fault?: string;
}

/** A simulator, a hub and a gateway, each a real process, enrolled by the real join, with a link that can be cut. */
export class Site {
  readonly dir = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
  readonly reports = new Reports();
  readonly #options: SiteOptions;
  #ports: number[] = [];
  #endpoints: Record<string, string> = {};
  simulator!: SluiceProcess;
  hub!: SluiceProcess;
  gateway!: SluiceProcess;
  link!: LinkProxy;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  static async start(options: SiteOptions): Promise<Site> {
    const site = new Site(options);
    try {
      site.#ports = await pickPorts(4);
      site.startHub();
      await Promise.all([site.#startSimulator(), site.hubReady()]);
      site.link = await LinkProxy.start({ host: '127.0.0.1', port: site.#port(1) }, options.linkHost);
      await site.join(GATEWAY, site.gatewayDir);
      await options.prepare?.(site);
      site.startGateway();
      return site;
    } catch (error) {
      await site.stop();
      throw error;
    }
  }

  /** Next number on the gateway's disk, by epoch, as far as it said so. */
  get journalled(): Journalled {
    return this.reports.journalled;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port(0)}`;
  }

  get mqttPort(): number {
    return this.#port(1);
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.#port(2)}`;
  }

  get busPort(): number {
    return this.#port(3);
  }

  get hubDir(): string {
    return this.#options.hubDir ?? join(this.dir, 'hub');
  }

  get gatewayDir(): string {
    return this.#options.gatewayDir ?? join(this.dir, 'gateway');
  }

  /** Where the simulator serves a channel. */
  endpoint(channel: string): string {
    return this.#endpoints[channel] ?? '';
  }

  /** `main`: another build's `cli/main.js` for this one life. */
  startHub(main = this.#options.hubMain): void {
    const { linkHost, hubMore: more = '' } = this.#options;
    const [http, mqtt] = [this.#port(0), this.#port(1)];
    const file = this.#write(
      'hub.yaml',
      hubYaml({ dataDir: this.hubDir, http, mqtt, more, ...(linkHost === undefined ? {} : { name: linkHost }) }),
    );
    this.hub = new SluiceProcess(['hub', '-c', file, '--demo'], main === undefined ? {} : { main });
  }

  hubReady(): Promise<void> {
    return this.until(async () => {
      if (this.hub.isOver) throw new Error(this.hub.text);
      return (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) })).ok;
    }, 'the hub is ready');
  }

  startGateway(main = this.#options.gatewayMain?.()): void {
    const { linkHost = '127.0.0.1', gatewayPrefix, gatewayTo } = this.#options;
    const to = gatewayTo?.(this) ?? `mqtts://${linkHost}:${this.link.port}`;
    const isOlder = main !== undefined && main === this.#options.older;
    const file = this.#gatewayConfig('gateway.yaml', { hub: to, isOlder });
    this.gateway = new SluiceProcess(['gateway', '-c', file], {
      env: { SLUICE_LOG: 'debug', ...this.#options.gatewayEnv },
      onLine: (line) => hear(line, this.reports),
      ...(gatewayPrefix === undefined ? {} : { prefix: gatewayPrefix }),
      ...(main === undefined ? {} : { main }),
    });
  }

  /** A second gateway of the same name on a copy of the first one's data; what it journals is heard by itself. */
  async startTwin(dataDir: string, hardware?: string): Promise<{ process: SluiceProcess; reports: Reports }> {
    const [http = 0, bus = 0] = await pickPorts(2);
    const reports = new Reports();
    const to = `mqtts://127.0.0.1:${this.link.port}`;
    const file = this.#gatewayConfig('twin.yaml', { hub: to, dataDir, http, bus, hardware });
    const process = new SluiceProcess(['gateway', '-c', file], {
      env: { SLUICE_LOG: 'debug' },
      onLine: (line) => hear(line, reports),
    });
    return { process, reports };
  }

  /** Enrols by the real join: a token from the hub's machine, a certificate for a key made in `dataDir`. */
  async join(id: string, dataDir: string): Promise<void> {
    const token = (await sluice('token', 'create', '--gateway', id, '--data', this.hubDir)).stdout.at(-1) ?? '';
    const joined = await sluice('join', '--hub', this.url, '--token', token, '--id', id, '--data', dataDir);
    if (joined.code !== 0) throw new Error(joined.text);
  }

  async json<T>(path: string): Promise<T> {
    return getJson<T>(`${this.url}${path}`);
  }

  /** What the gateway has been told is stored, by epoch. */
  async confirmed(): Promise<Journalled> {
    interface Status {
      readonly journal: { readonly epochs: readonly { readonly epoch: string; readonly confirmed: number }[] };
    }
    const { journal } = await getJson<Status>(`${this.gatewayUrl}/api/v1/status`);
    return new Map(journal.epochs.map(({ epoch, confirmed }) => [epoch, confirmed]));
  }

  /** The gateway as the hub shows it. */
  async shown(): Promise<GatewayShown> {
    return this.json<GatewayShown>(`/api/v1/gateways/${GATEWAY}`);
  }

  /** Newest readings at the hub, by `device/point`. */
  async latest(): Promise<Map<string, LatestShown>> {
    const { latest } = await this.json<{ latest: LatestShown[] }>('/api/v1/latest');
    return new Map(latest.map((each) => [each.point.slice(GATEWAY.length + 1), each]));
  }

  /** Polls until it is true; what throws counts as not yet. */
  async until(ready: () => Promise<boolean> | boolean, what: string, ms = 30_000): Promise<void> {
    const end = performance.now() + ms;
    let last: unknown;
    for (;;) {
      try {
        if (await ready()) return;
        last = undefined;
      } catch (error) {
        last = error;
      }
      if (performance.now() > end) {
        throw new Error(`not within ${ms} ms: ${what}${last ? `\n${last}` : ''}\n${this.#lastWords()}`, {
          cause: last,
        });
      }
      await pause(50);
    }
  }

  /**
   * Stops the devices, then waits until the hub has everything that the gateway had said to be on disk by then. What it
   * says later (faults of devices that no longer answer) is not part of the answer.
   */
  async drain(ms = 60_000): Promise<Journalled> {
    await this.simulator.kill();
    const owed = new Map(this.journalled);
    await this.until(
      async () => {
        const { epoch, cursor } = await this.shown();
        const others = [...owed].filter(([each]) => each !== epoch);
        if (Number(cursor) < (owed.get(epoch ?? '') ?? 0)) return false;
        if (others.length === 0) return true;
        // The hub shows the newest journal only; of older ones the gateway says what it was told, until it lets them go.
        const confirmed = await this.confirmed();
        return others.every(([each, next]) => (confirmed.get(each) ?? next) >= next);
      },
      'the hub has all that was journalled',
      ms,
    );
    return owed;
  }

  async stop(): Promise<void> {
    for (const child of [this.gateway, this.hub, this.simulator]) await child?.kill();
    await this.link?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #startSimulator(): Promise<void> {
    const file = this.#gatewayConfig('plant.yaml');
    const values = this.#options.values ?? 'plausible';
    this.simulator = new SluiceProcess(['simulate', '-c', file, '--json', '--values', values], {
      prefix: this.#options.simulatorPrefix ?? [],
    });
    const endpoints = await this.simulator.until(findEndpoints, 'the simulator serves every channel');
    for (const { channel, port } of endpoints) this.#endpoints[channel] = port;
  }

  #gatewayConfig(name: string, settings: Partial<GatewaySettings> = {}): string {
    const { plant, gatewayPlant = plant } = this.#options;
    const text = gatewayYaml(
      { ...this.#options, plant: name === 'plant.yaml' ? plant : gatewayPlant },
      {
        ...{ dataDir: this.gatewayDir, http: this.#port(2), bus: this.#port(3), endpoints: this.#endpoints },
        ...{ hardware: this.#options.hardware?.(), isOlder: false, ...settings },
      },
    );
    return this.#write(name, text);
  }

  #write(name: string, text: string): string {
    const file = join(this.dir, name);
    writeFileSync(file, text);
    return file;
  }

  #port(index: number): number {
    return this.#ports[index] as number;
  }

  #lastWords(): string {
    const of = (child: SluiceProcess | undefined) =>
      (child?.lines ?? [])
        .filter((line) => !line.includes('"journalled"'))
        .slice(-10)
        .join('\n');
    return `gateway:\n${of(this.gateway)}\nhub:\n${of(this.hub)}`;
  }
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What `sluice simulate --json` prints first. */
export function findEndpoints(lines: readonly string[]): { channel: string; port: string }[] | undefined {
  const line = lines.find((each) => each.startsWith('[{'));
  return line === undefined ? undefined : JSON.parse(line);
}

/** Reads what a gateway with SLUICE_LOG=debug says of its journal. */
function hear(line: string, reports: Reports): void {
  if (line.includes('"journalled"')) {
    const { epoch, from, next } = JSON.parse(line) as { epoch: string; from: number; next: number };
    reports.add(epoch, from, next);
  } else if (line.includes('"parted"')) {
    const { epoch, at, to, moved } = JSON.parse(line) as { epoch: string; at: number; to: string; moved: number };
    reports.part(epoch, at, to, moved);
  } else if (line.includes('"journal ended"')) {
    const { epoch, at, newest } = JSON.parse(line) as { epoch: string; at: number; newest: string };
    reports.end(epoch, at, newest);
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../cli/demo/free-ports.ts';
import { LinkProxy } from '../../cli/demo/link-proxy.ts';
import { SluiceProcess, sluice } from './sluice-process.ts';

export interface SiteOptions {
  /** `channels:` and `devices:` as YAML; `$PORT_<channel>` stands for where the simulator serves a channel. */
  readonly plant: string;
  readonly journal?: string;
  readonly values?: 'plausible' | 'oracle';
}

/** What the gateway said it has on disk, gathered outside it: the next number of each epoch. */
export type Journalled = Map<string, number>;

/** A simulator, a hub and a gateway, each a real process, enrolled by the real join, with a link that can be cut. */
export class Site {
  readonly dir = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
  readonly journalled: Journalled = new Map();
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
      site.#ports = await freePorts(4);
      await Promise.all([site.#startSimulator(), site.startHub()]);
      site.link = await LinkProxy.start({ host: '127.0.0.1', port: site.#port(1) });
      await site.#join();
      site.startGateway();
      return site;
    } catch (error) {
      await site.stop();
      throw error;
    }
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
    return join(this.dir, 'hub');
  }

  get gatewayDir(): string {
    return join(this.dir, 'gateway');
  }

  async startHub(): Promise<void> {
    const file = this.#write(
      'hub.yaml',
      `dataDir: ${this.hubDir}\nhttp: { listen: 127.0.0.1:${this.#port(0)} }\nmqtt: { listen: 127.0.0.1:${this.#port(1)} }\n`,
    );
    this.hub = new SluiceProcess(['hub', '-c', file, '--demo']);
    await this.until(async () => (await fetch(`${this.url}/readyz`)).ok, 'the hub is ready');
  }

  startGateway(): void {
    const onLine = (line: string) => {
      if (!line.includes('"journalled"')) return;
      const { epoch, next } = JSON.parse(line) as { epoch: string; next: number };
      this.journalled.set(epoch, Math.max(next, this.journalled.get(epoch) ?? 0));
    };
    this.gateway = new SluiceProcess(['gateway', '-c', this.#gatewayConfig(this.#endpoints)], {
      env: { SLUICE_LOG: 'debug' },
      onLine,
    });
  }

  async json<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Polls until it is true; what throws counts as not yet. */
  async until(ready: () => Promise<boolean>, what: string, ms = 30_000): Promise<void> {
    const end = performance.now() + ms;
    for (;;) {
      if (await ready().catch(() => false)) return;
      if (performance.now() > end)
        throw new Error(
          `not within ${ms} ms: ${what}\ngateway: ${this.gateway?.lines.slice(-8).join('\n')}\nhub: ${this.hub?.lines.slice(-8).join('\n')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Stops reading devices, then waits until the hub has everything the gateway said it has on disk. */
  async drain(ms = 60_000): Promise<void> {
    await this.simulator.kill();
    await this.until(
      async () => {
        const { gateways } = await this.json<{ gateways: { epoch?: string; cursor?: string }[] }>('/api/v1/gateways');
        const stored = new Map(gateways.map(({ epoch, cursor }) => [epoch, Number(cursor)]));
        return [...this.journalled].every(([epoch, next]) => (stored.get(epoch) ?? -1) >= next);
      },
      'the hub has all that was journalled',
      ms,
    );
  }

  async stop(): Promise<void> {
    for (const child of [this.gateway, this.hub, this.simulator]) await child?.kill();
    await this.link?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #startSimulator(): Promise<void> {
    const file = this.#gatewayConfig({}, 'plant.yaml');
    this.simulator = new SluiceProcess([
      'simulate',
      '-c',
      file,
      '--json',
      '--values',
      this.#options.values ?? 'plausible',
    ]);
    const endpoints = await this.simulator.until(findEndpoints, 'the simulator serves every channel');
    for (const { channel, port } of endpoints) this.#endpoints[channel] = port;
  }

  async #join(): Promise<void> {
    const token = await sluice('token', 'create', '--gateway', 'e2e', '--data', this.hubDir);
    const joined = await sluice(
      'join',
      '--hub',
      this.url,
      '--token',
      token.lines.at(-1) ?? '',
      '--id',
      'e2e',
      '--data',
      this.gatewayDir,
    );
    if (joined.code !== 0) throw new Error(joined.lines.join('\n'));
  }

  #gatewayConfig(endpoints: Record<string, string>, name = 'gateway.yaml'): string {
    const plant = this.#options.plant.replace(/\$PORT_([a-z0-9-]+)/g, (_all, channel: string) =>
      JSON.stringify(endpoints[channel] ?? (channel.startsWith('tcp') ? 'tcp://127.0.0.1:1' : `/dev/null/${channel}`)),
    );
    const hub = endpoints === this.#endpoints ? `hub: { url: mqtts://127.0.0.1:${this.link.port} }\n` : '';
    return this.#write(
      name,
      `gateway: e2e
timezone: Asia/Seoul
dataDir: ${this.gatewayDir}
${hub}journal: { commitInterval: ${this.#options.journal ?? '100ms'} }
http: { listen: 127.0.0.1:${this.#port(2)} }
eventBus: { listen: 127.0.0.1:${this.#port(3)} }
${plant}`,
    );
  }

  #write(name: string, text: string): string {
    const file = join(this.dir, name);
    writeFileSync(file, text);
    return file;
  }

  #port(index: number): number {
    return this.#ports[index] as number;
  }
}

/** What `sluice simulate --json` prints first. */
export function findEndpoints(lines: readonly string[]): { channel: string; port: string }[] | undefined {
  const line = lines.find((each) => each.startsWith('[{'));
  return line === undefined ? undefined : JSON.parse(line);
}

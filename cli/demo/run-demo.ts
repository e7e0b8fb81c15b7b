import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Clock } from '../../core/clock.ts';
import { askControl } from '../../core/control-socket.ts';
import { aborted, isAbort } from '../../core/service.ts';
import type { Io } from '../verb.ts';
import { Child } from './child.ts';
import { freePorts } from './free-ports.ts';
import { furnish, missingFurniture } from './furnish.ts';
import { watchKeys } from './keys.ts';
import { LinkProxy } from './link-proxy.ts';
import { CHANNELS, type DemoSettings, demoConfig, ENERGY, GATEWAY, HIDDEN } from './plant.ts';
import { DEAD_DEVICE, EVERYDAY, play, type Scenario } from './scenarios.ts';

export interface DemoOptions {
  readonly port: number;
  readonly scenario: Scenario;
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

/** In the scenario link-down the link is cut after, and for, this long. */
const LINK_SCENARIO_MS = 30_000;
const HEARD_WITHIN_MS = 200;

/** Simulator, hub and gateway as processes of their own, joined by the real join; a proxy between them that can be cut. */
export async function runDemo(options: DemoOptions, io: Io): Promise<number> {
  const demo = new Demo(options, io);
  try {
    await demo.start();
    await demo.untilStopped();
    return 0;
  } catch (error) {
    // Ctrl-C reaches the children too: whatever fails after it failed because of it. They may have heard it before we have.
    await io.clock.sleep(HEARD_WITHIN_MS, options.signal).catch(() => {});
    if (options.signal.aborted) return 0;
    throw error;
  } finally {
    await demo.stop();
  }
}

class Demo {
  readonly #options: DemoOptions;
  readonly #io: Io;
  readonly #clock: Clock;
  /** In order of their start; stopped the other way round. */
  readonly #children: Child[] = [];
  readonly #startedAt: number;
  #proxy: LinkProxy | undefined;
  #silenced = false;

  constructor(options: DemoOptions, io: Io) {
    this.#options = options;
    this.#io = io;
    this.#clock = io.clock;
    this.#startedAt = io.clock.ticks();
  }

  async start(): Promise<void> {
    const { dataDir, port } = this.#options;
    const [mqttPort] = (await freePorts(1)) as [number];
    const hubDir = join(dataDir, 'hub');
    const hubFile = join(dataDir, 'hub.yaml');
    await writeFile(hubFile, hubConfig(hubDir, port, mqttPort));
    this.#spawn(['hub', '-c', hubFile, '--demo']);
    this.#proxy = await LinkProxy.start({ host: '127.0.0.1', port: mqttPort });

    const file = join(dataDir, 'gateway.yaml');
    // The hub holds the lines of the last run of this folder: they are served where they were, as far as that is free.
    const before = await placesIn(file);
    const settings: DemoSettings = { dataDir: join(dataDir, 'gateway'), ports: before };
    const ports = await this.#startSimulator(settings);
    const hubUrl = `mqtts://127.0.0.1:${this.#proxy.port}`;
    await this.#answers(`http://127.0.0.1:${port}/readyz`);
    await this.#join(hubDir, settings.dataDir);
    // Only now: until the gateway listens, what connects here may be given the same ports.
    const [httpPort, busPort] = (await freePorts(2)) as [number, number];
    await writeFile(file, demoConfig({ ...settings, ports, hubUrl, httpPort, busPort }));
    this.#spawn(['gateway', '-c', file]);
    await Promise.all([this.#firstValue(), this.#furnish(hubDir)]);
    this.#welcome(busPort, httpPort);
  }

  async untilStopped(): Promise<void> {
    const { signal, scenario } = this.#options;
    const stop = new AbortController();
    const stopKeys = watchKeys((key) => {
      if (key === 'q' || key === '\u0003') stop.abort();
      if (key === 'o') this.#toggleLink();
      if (key === 'd') this.#toggleDevice();
    });
    const scene = this.#play(scenario, AbortSignal.any([signal, stop.signal]));
    const ends = this.#children.map((child) => child.exited.then((code) => Promise.reject(child.failure(code))));
    try {
      // Asked to stop while it started, it stops now.
      await Promise.race([aborted(signal), aborted(stop.signal), ...ends]);
    } finally {
      for (const end of ends) end.catch(() => {});
      stop.abort();
      await scene;
      stopKeys();
    }
  }

  async stop(): Promise<void> {
    this.#io.out('stopping …');
    for (const child of this.#children.reverse()) await child.stop();
    await this.#proxy?.stop();
    this.#io.out('stopped; no process is left behind');
  }

  #spawn(args: readonly string[], onLine?: (line: string) => void): Child {
    const child = new Child(args, onLine);
    this.#children.push(child);
    return child;
  }

  /** Where the simulator serves each channel. */
  async #startSimulator(settings: DemoSettings): Promise<Record<string, string>> {
    const { dataDir, signal } = this.#options;
    const file = join(dataDir, 'plant.yaml');
    await writeFile(file, demoConfig({ ...settings, withHidden: true }));
    const lines = join(dataDir, 'lines');
    await mkdir(lines, { recursive: true });
    const ports: Record<string, string> = {};
    const simulator = this.#spawn(['simulate', '-c', file, '--json', '--pty', lines], (line) => {
      if (!line.startsWith('[')) return;
      for (const { channel, port } of JSON.parse(line) as { channel: string; port: string }[]) ports[channel] = port;
    });
    const exited = simulator.exited.then((code) => Promise.reject(simulator.failure(code)));
    const served = this.#until(async () => CHANNELS.every((channel) => channel in ports), signal);
    exited.catch(() => {});
    await Promise.race([served, exited]);
    for (const line of EVERYDAY) simulator.say(line);
    return ports;
  }

  async #join(hubDir: string, gatewayDir: string): Promise<void> {
    let token = '';
    const create = new Child(['token', 'create', '--gateway', GATEWAY, '--data', hubDir], (line) => {
      if (line.startsWith('sluice1.')) token = line;
    });
    await create.succeed();
    const hub = `http://127.0.0.1:${this.#options.port}`;
    await new Child(['join', '--hub', hub, '--token', token, '--id', GATEWAY, '--data', gatewayDir]).succeed();
  }

  async #furnish(hubDir: string): Promise<void> {
    const hub = `http://127.0.0.1:${this.#options.port}`;
    const missing = await missingFurniture(hub);
    if (missing.length === 0) return;
    const asked = { role: 'admin', name: 'demo' };
    const answer = await askControl<{ key: string }>(join(hubDir, 'control.sock'), 'apikey-create', asked);
    if (answer !== undefined) await furnish(hub, answer.key, missing);
  }

  async #answers(url: string): Promise<void> {
    await this.#until(async () => (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok, this.#options.signal);
  }

  async #firstValue(): Promise<void> {
    const url = `http://127.0.0.1:${this.#options.port}/api/v1/latest`;
    await this.#until(async () => {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1000) });
      const { latest } = (await answer.json()) as { latest?: unknown[] };
      return (latest?.length ?? 0) > 0;
    }, this.#options.signal);
  }

  async #until(ready: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    while (!(await ready().catch(() => false))) {
      for (const child of this.#children) if (child.isOver) throw child.failure(await child.exited);
      await this.#clock.sleep(50, signal);
    }
  }

  #welcome(busPort: number, gatewayPort: number): void {
    const seconds = ((this.#clock.ticks() - this.#startedAt) / 1000).toFixed(1);
    this.#io.out(`
  Sluice demo: first values after ${seconds} s.

    http://127.0.0.1:${this.#options.port}    the hub's page: open it in a browser
    http://127.0.0.1:${gatewayPort}   the gateway's own status page
    127.0.0.1:${busPort}           the gateway's MQTT event bus: mosquitto_sub -p ${busPort} -t 'sluice/#' -v

  Try:  o  cut the link to the hub, and again to restore it: nothing is lost
        d  silence one meter on the RS-485 line: the others go on
        in the page, Gateways, ${GATEWAY}, Add a device: a leak detector is on line
           ${HIDDEN.line} (unit ${HIDDEN.unitId}) that nobody has set up; a scan finds it
        q  stop (or Ctrl-C)
`);
  }

  #toggleLink(): void {
    const proxy = this.#proxy as LinkProxy;
    if (proxy.isCut) proxy.restore();
    else proxy.cut();
    this.#io.out(
      proxy.isCut ? 'link cut: the gateway keeps every reading' : 'link restored: what was kept is being sent',
    );
  }

  #toggleDevice(): void {
    this.#silenced = !this.#silenced;
    this.#order(`fault ${DEAD_DEVICE} ${this.#silenced ? 'dead' : 'none'}`);
    this.#io.out(this.#silenced ? `${DEAD_DEVICE} is silent: its neighbours go on` : `${DEAD_DEVICE} answers again`);
  }

  /** To the simulator. */
  #order(line: string): void {
    this.#children.find(({ name }) => name === 'simulate')?.say(line);
  }

  async #play(scenario: Scenario, signal: AbortSignal): Promise<void> {
    this.#silenced = scenario === 'dead-slave';
    const to = { order: (line: string) => this.#order(line), say: (text: string) => this.#io.out(text) };
    await play(scenario, to, this.#clock, signal);
    if (scenario !== 'link-down') return;
    try {
      for (;;) {
        await this.#clock.sleep(LINK_SCENARIO_MS, signal);
        this.#toggleLink();
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }
}

/** Where the lines of a configuration are, by name; none if there is no such file. */
async function placesIn(file: string): Promise<Record<string, string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const { channels = [] } = (parse(text) ?? {}) as { channels?: readonly { name: string; port: string }[] };
  return Object.fromEntries(channels.map(({ name, port }) => [name, port]));
}

function hubConfig(dataDir: string, port: number, mqttPort: number): string {
  return `# Written by \`sluice demo\`.
dataDir: ${JSON.stringify(dataDir)}
http: { listen: 127.0.0.1:${port} }
mqtt: { listen: 127.0.0.1:${mqttPort} }
${ENERGY}`;
}

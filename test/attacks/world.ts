import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequest } from '../../cloud-sync/edge-hub/certificate-request.ts';
import type { Identity } from '../../cloud-sync/edge-hub/identity.ts';
import { pickPorts } from '../e2e/ports.ts';
import { findEndpoints, pause } from '../e2e/site.ts';
import { gatewayYaml, hubYaml } from '../e2e/site-config.ts';
import { SluiceProcess, sluice } from '../e2e/sluice-process.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { type RunningEdge, startEdge } from '../support/sync-pair.ts';
import { type Answer, type Ask, ask } from './http.ts';

/** The healthy gateway; its site is `Plant A`. */
export const HEALTHY = 'e2e';
/** A gateway of the site `Test`. */
export const OTHER = 'plant-b';
export const OWNER = { name: 'owner', password: 'four words nobody says' };
const WITHIN_MS = 30_000;
/** The reader's own call, and a reading from the device to the hub. */
const MOST_ANSWER_MS = 5000;
const MOST_SILENCE_MS = 15_000;

const PLANT = `site: Plant A
channels:
  - { name: tcp, driver: modbus-tcp, port: $PORT_tcp }
devices:
  - name: meter
    channel: tcp
    every: 500ms
    points:
      power: { address: { table: holding, register: 0, type: float32 }, unit: kW }
      energy: { address: { table: holding, register: 2, type: float32 }, unit: kWh }
  - name: boiler
    channel: tcp
    unitId: 2
    every: 500ms
    points:
      setpoint: { address: { table: holding, register: 10, type: int16, scale: 0.1 }, unit: °C, writable: true, min: 20, max: 80, step: 0.5 }
      valve: { address: { table: holding, register: 11, type: uint16 }, writable: true, dangerous: true, enum: { 0: { en: closed }, 1: { en: open } } }
`;

export interface Keys {
  readonly viewer: string;
  readonly operator: string;
  readonly admin: string;
  /** An administrator of the site `Test` alone. */
  readonly elsewhere: string;
  readonly revoked: string;
}

/** A hub with TLS and people, a healthy gateway on a simulated line, and a second site: real processes on loopback. */
export class World {
  readonly dir = mkdtempSync(join(tmpdir(), 'sluice-attacks-'));
  readonly hubDir = join(this.dir, 'hub');
  readonly gatewayDir = join(this.dir, 'gateway');
  /** Everything that must stand in no log. */
  readonly secrets = new Set<string>();
  hub!: SluiceProcess;
  gateway!: SluiceProcess;
  simulator!: SluiceProcess;
  url = '';
  mqttPort = 0;
  busPort = 0;
  keys!: Keys;
  /** The certificate and key of `OTHER`: an enrolled gateway that has turned. */
  hostile!: Identity;
  #edge: RunningEdge | undefined;
  #cursor = -1;

  static async start(): Promise<World> {
    const world = new World();
    try {
      await world.#startHub();
      await world.#people();
      await world.#startGateway();
      world.hostile = await world.enrol(OTHER);
      await world.#publishOther();
      await world.check();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  get ca(): string {
    return readFileSync(join(this.hubDir, 'ca', 'ca.crt'), 'utf8');
  }

  ask(path: string, options: Ask = {}): Promise<Answer> {
    return ask(this.url, this.ca, path, options);
  }

  /** A call with a key. */
  as(role: keyof Keys, path: string, options: Ask = {}): Promise<Answer> {
    return this.ask(path, { ...options, headers: { authorization: `Bearer ${this.keys[role]}`, ...options.headers } });
  }

  async json<T>(role: keyof Keys, path: string, options: Ask = {}): Promise<T> {
    const answer = await this.as(role, path, options);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as T;
  }

  post(role: keyof Keys, path: string, body: object = {}): Promise<Answer> {
    return this.as(role, path, { method: 'POST', body });
  }

  async token(gateway?: string, ttl = '1h'): Promise<string> {
    const body = gateway === undefined ? { ttl } : { gateway, ttl };
    const { token } = await this.json<{ token: string }>('admin', '/api/v1/tokens', { method: 'POST', body });
    this.secrets.add(token.split('.').at(-1) ?? token);
    return token;
  }

  async enrol(id: string): Promise<Identity> {
    const { key, csr } = await createRequest(id);
    const body = { token: await this.token(id), id, csr };
    const answer = await this.ask('/api/v1/join', { method: 'POST', body });
    if (answer.status !== 200) throw new Error(`${id} could not join: ${answer.text}`);
    const { certificate, ca } = JSON.parse(answer.text);
    return { certificate, key, ca };
  }

  async rss(): Promise<number> {
    const status = readFileSync(`/proc/${this.hub.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  }

  /** Throws unless the healthy gateway's readings come on and a reader is answered. */
  async check(): Promise<void> {
    const began = performance.now();
    for (;;) {
      if (this.hub.isOver || this.gateway.isOver) throw new Error(`a process ended:\n${this.hub.text.slice(-2000)}`);
      const asked = performance.now();
      const answer = await this.as('viewer', `/api/v1/gateways/${HEALTHY}`);
      const tookMs = performance.now() - asked;
      if (answer.status !== 200 || tookMs > MOST_ANSWER_MS)
        throw new Error(`the reader got ${answer.status} after ${Math.round(tookMs)} ms`);
      const { state, cursor } = JSON.parse(answer.text) as { state: string; cursor: string | null };
      if (state === 'online' && Number(cursor ?? -1) > this.#cursor) {
        this.#cursor = Number(cursor);
        return;
      }
      if (performance.now() - began > MOST_SILENCE_MS)
        throw new Error(`the healthy gateway is ${state}, its cursor ${cursor} after ${this.#cursor}`);
      await pause(200);
    }
  }

  async until(what: string, holds: () => boolean | Promise<boolean>, ms = WITHIN_MS): Promise<void> {
    const end = performance.now() + ms;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
      await pause(50);
    }
  }

  async stop(): Promise<void> {
    await this.#edge?.stop();
    for (const child of [this.gateway, this.hub, this.simulator]) await child?.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #startHub(): Promise<void> {
    const [http = 0, mqtt = 0] = await pickPorts(2);
    this.mqttPort = mqtt;
    this.url = `https://127.0.0.1:${http}`;
    const file = join(this.dir, 'hub.yaml');
    const yaml = hubYaml({ dataDir: this.hubDir, http, mqtt });
    writeFileSync(file, yaml.replace(`127.0.0.1:${http}`, `127.0.0.1:${http}, tls: auto`));
    this.hub = new SluiceProcess(['hub', '-c', file], { env: { SLUICE_LOG: 'debug' } });
    await this.hub.until((lines) => lines.find((line) => line.includes('the hub is ready')), 'the hub is ready');
  }

  async #people(): Promise<void> {
    const [code = ''] = readFileSync(join(this.hubDir, 'setup-code'), 'utf8').split('\n');
    this.secrets.add(code).add(code.replaceAll('-', '')).add(OWNER.password);
    const made = await this.ask('/api/v1/setup', { method: 'POST', body: { code, ...OWNER } });
    if (made.status !== 201) throw new Error(made.text);
    const cookie = String(made.headers['set-cookie']?.[0]).split(';')[0] ?? '';
    this.secrets.add(cookie.split('=')[1] ?? cookie);
    const make = async (role: string, sites: readonly string[] | null = null) => {
      const body = { name: `${role} ${sites ?? ''}`, role, sites };
      const answer = await this.ask('/api/v1/keys', { method: 'POST', body, headers: { cookie } });
      if (answer.status !== 201) throw new Error(answer.text);
      const { id, key } = JSON.parse(answer.text) as { id: string; key: string };
      this.secrets.add(key);
      return { id, key };
    };
    const [viewer, operator, admin, elsewhere, revoked] = [
      await make('viewer'),
      await make('operator'),
      await make('admin'),
      await make('admin', ['Test']),
      await make('admin'),
    ];
    await this.ask(`/api/v1/keys/${revoked.id}/revoke`, { method: 'POST', body: {}, headers: { cookie } });
    this.keys = {
      ...{ viewer: viewer.key, operator: operator.key, admin: admin.key },
      ...{ elsewhere: elsewhere.key, revoked: revoked.key },
    };
  }

  async #startGateway(): Promise<void> {
    const [http = 0, bus = 0] = await pickPorts(2);
    this.busPort = bus;
    const file = join(this.dir, 'gateway.yaml');
    const given = { dataDir: this.gatewayDir, http, bus, hardware: undefined, isOlder: false };
    const hub = `mqtts://127.0.0.1:${this.mqttPort}`;
    writeFileSync(file, gatewayYaml({ plant: PLANT }, { ...given, endpoints: {} }));
    this.simulator = new SluiceProcess(['simulate', '-c', file, '--json']);
    const found = await this.simulator.until(findEndpoints, 'the simulator serves');
    const endpoints = Object.fromEntries(found.map(({ channel, port }) => [channel, port]));
    writeFileSync(file, gatewayYaml({ plant: PLANT }, { ...given, endpoints, hub }));
    const token = await this.token(HEALTHY);
    const joined = await sluice(
      'join',
      '--hub',
      this.url,
      '--token',
      token,
      '--id',
      HEALTHY,
      '--data',
      this.gatewayDir,
    );
    if (joined.code !== 0) throw new Error(joined.text);
    this.gateway = new SluiceProcess(['gateway', '-c', file], { env: { SLUICE_LOG: 'debug' } });
  }

  /** `OTHER` brings a catalogue, so that the hub knows its site, and goes. */
  async #publishOther(): Promise<void> {
    const outbox = new MemoryOutbox().writeCatalogue();
    this.#edge = startEdge({ gateway: OTHER, port: this.mqttPort, identity: this.hostile, outbox });
    await this.until('the other gateway is stored', () => outbox.confirmed.get(outbox.epoch) === 1);
    await this.#edge.stop();
    this.#edge = undefined;
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeEdgeStatus } from '../../../cloud-sync/protocol/kubeedge-status.ts';
import { type Clock, systemClock } from '../../../core/clock.ts';
import { quietLog } from '../../../core/log.ts';
import { Metrics } from '../../../core/metrics.ts';
import { runGateway } from '../../../gateway/app.ts';
import { loadGatewaySettings } from '../../../gateway/settings.ts';
import { EdgeCore } from '../../partners/kubeedge/edge-core.ts';
import type { GivenDevice, GivenModel, GivenProperty } from '../../partners/kubeedge/objects.ts';
import { CountingSlave } from '../../support/counting-slave.ts';
import { livedClock } from '../../support/lived-clock.ts';
import { ownPort } from '../../support/own-port.ts';

export interface Status {
  readonly kubeedge: KubeEdgeStatus;
  readonly devices: readonly { readonly name: string; readonly online: boolean | null }[];
  readonly readings: { readonly read: number };
  readonly journal: object;
}

interface Start {
  readonly more?: string;
  readonly kubeedge?: string;
  readonly clock?: Clock;
  /** Its socket, where it is another one than the site's own; false: none. */
  readonly dmi?: boolean | string;
}

type Options = ConstructorParameters<typeof EdgeCore>[1];

/** A node: an EdgeCore that is played, a device, and the real gateway in this process. */
export class KubeSite {
  readonly folder = mkdtempSync(join(tmpdir(), 'kube-'));
  readonly socket = join(this.folder, 'sluice.sock');
  readonly edgeCore: EdgeCore;
  readonly slave: CountingSlave;
  #httpPort = 0;
  #stop = new AbortController();
  #running: Promise<void> | undefined;

  private constructor(slave: CountingSlave, options: Options) {
    this.slave = slave;
    this.edgeCore = new EdgeCore(join(this.folder, 'dmi.sock'), options);
  }

  static async build(options: Options = {}, slavePort = 0): Promise<KubeSite> {
    return new KubeSite(await CountingSlave.start(slavePort), options);
  }

  /** `more`: of gateway.yaml; `kubeedge`: of its `kubeedge:`. */
  async start({ more = '', kubeedge = '', clock = livedClock, dmi = true }: Start = {}): Promise<void> {
    this.#httpPort = await ownPort();
    const file = join(this.folder, 'gateway.yaml');
    writeFileSync(
      file,
      `gateway: edge-1
dataDir: ${join(this.folder, 'data')}
eventBus: false
self: false
http: { listen: "127.0.0.1:${this.#httpPort}" }
kubeedge: { enabled: true, dmiSocket: ${dmi === true ? this.edgeCore.socket : dmi}, socket: ${this.socket}${kubeedge === '' ? '' : `, ${kubeedge}`} }
${more}`,
    );
    this.#stop = new AbortController();
    const deps = { clock, log: quietLog, metrics: new Metrics() };
    this.#running = runGateway(await loadGatewaySettings(file), this.#stop.signal, deps);
    this.#running.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async strike(): Promise<void> {
    await this.stop();
    this.edgeCore.stop();
    await this.slave.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async status(): Promise<Status> {
    const response = await fetch(`http://127.0.0.1:${this.#httpPort}/api/v1/status`);
    return (await response.json()) as Status;
  }

  /** The gateway's own page. */
  async page(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.#httpPort}/`)).text();
  }

  /** The row of a Device object. */
  async row(id: string): Promise<KubeEdgeStatus['devices'][number] | undefined> {
    return (await this.status()).kubeedge.devices.find((device) => device.id === id);
  }

  /** A device at the slave, in the keys of the examples' mapper. */
  device(name: string, properties: readonly GivenProperty[], config: object = {}): GivenDevice {
    const [ip, port] = this.slave.port.replace('tcp://', '').split(':');
    return { name, model: 'boiler', config: { communicateMode: 'TCP', ip, port, slaveID: 1, ...config }, properties };
  }
}

export const BOILER: GivenModel = {
  name: 'boiler',
  properties: [
    { name: 'temperature', type: 'FLOAT', unit: 'degC' },
    { name: 'setpoint', type: 'INT', accessMode: 'ReadWrite', minimum: '0', maximum: '100' },
  ],
};

export const TEMPERATURE: GivenProperty = {
  name: 'temperature',
  collectCycle: 100,
  visitors: { register: 'HoldingRegister', offset: 0, limit: 1, scale: 0.1 },
};

export const SETPOINT: GivenProperty = {
  name: 'setpoint',
  collectCycle: 100,
  visitors: { register: 'HoldingRegister', offset: 1, limit: 1 },
};

/** A device of gateway.yaml: `mine`, with `level` and `target`. */
export const ownPlant = ({ slave }: KubeSite) => `channels:
  - { name: plc, driver: modbus-tcp, port: "${slave.port}" }
devices:
  - name: mine
    channel: plc
    every: 100ms
    points:
      level: { address: { table: holding, register: 0, type: int16 } }
      target: { address: { table: holding, register: 1, type: int16 }, writable: true, min: 0, max: 100 }`;

/** Resolves once `look` gives something; what it gave last where it never does. */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 15_000,
): Promise<T> {
  const end = livedClock.ticks() + ms;
  for (;;) {
    const found = await Promise.resolve(look()).catch(() => undefined);
    if (found) return found;
    if (livedClock.ticks() > end) throw new Error(`not within ${ms} ms: ${look.toString().slice(0, 200)}`);
    await systemClock.sleep(50);
  }
}

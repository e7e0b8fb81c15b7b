import { execSync } from 'node:child_process';
import { connectAsync, type MqttClient } from 'mqtt';
import type { EdgeCore } from '../../partners/kubeedge/edge-core.ts';
import { NodeBroker } from '../../partners/kubeedge/event-bus.ts';
import { SEED_SLAVE_PORT, SPACE, seedsAt } from '../../partners/kubeedge/seeds.ts';
import { KubeSite } from './kube-site.ts';

const DOCUMENT = new RegExp(`^\\$hw/events/device/${SPACE}/([^/]+)/twin/update/document$`);
const STATE = new RegExp(`^\\$hw/events/device/${SPACE}/([^/]+)/state/update/result$`);

/** Where a real EdgeCore is, and its EventBus; `restart`: the command that starts it anew. */
export const REAL = {
  socket: process.env.SLUICE_EDGECORE_SOCKET,
  broker: process.env.SLUICE_EDGECORE_BROKER ?? 'mqtt://127.0.0.1:1884',
  restart: process.env.SLUICE_EDGECORE_RESTART,
};

/**
 * A node with the real EdgeCore that the environment names, or else with the one that is played. Both have the same objects, and what they
 * hold is seen at the node's broker alone.
 */
export class AnyEdgeCore {
  readonly site: KubeSite;
  readonly brokerUrl: string;
  /** By `device/property`, what EdgeCore holds. */
  readonly twins = new Map<string, string>();
  readonly states = new Map<string, string>();
  readonly #broker: NodeBroker | undefined;
  readonly #client: MqttClient;

  private constructor(site: KubeSite, broker: NodeBroker | undefined, brokerUrl: string, client: MqttClient) {
    this.site = site;
    this.#broker = broker;
    this.brokerUrl = brokerUrl;
    this.#client = client;
    client.on('message', (topic, payload) => this.#heard(topic, JSON.parse(payload.toString())));
  }

  static async begin(): Promise<AnyEdgeCore> {
    const site = await KubeSite.build({}, REAL.socket === undefined ? 0 : SEED_SLAVE_PORT);
    site.slave.registers.set(0, 215).set(1, 40).set(2, 40);
    const broker = REAL.socket === undefined ? await play(site.edgeCore, site) : undefined;
    const url = broker?.url ?? REAL.broker;
    const client = await connectAsync(url);
    const any = new AnyEdgeCore(site, broker, url, client);
    await client.subscribeAsync(['document', 'result'].map((end) => `$hw/events/device/${SPACE}/+/+/update/${end}`));
    return any;
  }

  /** `more`: of `kubeedge:`. */
  start(more = ''): Promise<void> {
    const kubeedge = `name: sluice-check, protocols: [${SPACE}]${more}`;
    return this.site.start({ dmi: REAL.socket ?? true, kubeedge });
  }

  get mayRestart(): boolean {
    return REAL.socket === undefined || REAL.restart !== undefined;
  }

  async restart(): Promise<void> {
    if (REAL.socket !== undefined) return void execSync(REAL.restart ?? 'false', { stdio: 'ignore', timeout: 60_000 });
    this.site.edgeCore.stop();
    await this.site.edgeCore.restart();
  }

  async strike(): Promise<void> {
    await this.site.strike();
    await this.#client.endAsync(true);
    await this.#broker?.stop();
  }

  #heard(
    topic: string,
    body: { twin?: Record<string, { current?: { actual?: { value?: string } } }>; device?: { state?: string } },
  ): void {
    const [, device] = DOCUMENT.exec(topic) ?? [];
    for (const [property, { current }] of Object.entries((device && body.twin) || {}))
      this.twins.set(`${device}/${property}`, current?.actual?.value ?? '');
    const [, told] = STATE.exec(topic) ?? [];
    if (told !== undefined && body.device?.state !== undefined) this.states.set(told, body.device.state);
  }
}

async function play(edgeCore: EdgeCore, site: KubeSite): Promise<NodeBroker> {
  const [ip = '', port] = site.slave.port.replace('tcp://', '').split(':');
  const { model, devices, stranger } = seedsAt(ip, Number(port));
  for (const device of devices) edgeCore.seed(device, model);
  edgeCore.seed(stranger, model);
  edgeCore.twin.members.delete(`${SPACE}/${stranger.name}`);
  await edgeCore.start();
  return NodeBroker.start(edgeCore.twin);
}

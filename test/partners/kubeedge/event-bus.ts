import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Aedes } from 'aedes';
import type { DeviceTwin } from './device-twin.ts';

const TOPIC = /^\$hw\/events\/device\/(.+)\/(twin\/update|twin\/get|state\/update)$/;

/** The node's broker with EdgeCore's EventBus at it: twins and states come in, results and differences go out. */
export class NodeBroker {
  readonly published: { readonly topic: string; readonly payload: string }[] = [];
  /** It takes no message and answers none, and its connections stand. */
  isDeaf = false;
  /** EdgeCore is not at it: what comes meanwhile it never hears of. */
  isAlone = false;
  /** Of whoever comes; undefined: nobody is asked. */
  password: string | undefined;
  /** Topics that nobody may subscribe to. */
  denied: RegExp | undefined;
  readonly #broker: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(broker: Aedes, server: Server) {
    this.#broker = broker;
    this.#server = server;
  }

  static async start(twin: DeviceTwin, port = 0, tls?: TlsOptions): Promise<NodeBroker> {
    const broker = await Aedes.createBroker();
    const server = tls ? createTlsServer(tls, broker.handle) : createServer({ noDelay: true }, broker.handle);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const node = new NodeBroker(broker, server);
    server.on('connection', (socket: Socket) => {
      node.#sockets.add(socket);
      socket.once('close', () => node.#sockets.delete(socket));
    });
    broker.authorizePublish = (_, __, done) => {
      if (!node.isDeaf) done(null);
    };
    broker.authenticate = (_, __, given, done) =>
      done(null, node.password === undefined || given?.toString() === node.password);
    broker.authorizeSubscribe = (_, subscription, done) =>
      done(null, node.denied?.test(subscription.topic) ? null : subscription);
    broker.on('publish', ({ topic, payload }, client) => {
      if (client) node.#heard(twin, topic, payload.toString());
    });
    twin.onResult = ({ id, code, reason }) => {
      node.#answer(id, 'twin/update/result', code === 0 ? { twin: {} } : { code, reason });
      const delta = twin.delta(id);
      if (code === 0 && Object.keys(delta).length > 0) node.#answer(id, 'twin/update/delta', { twin: {}, delta });
    };
    twin.onTwin = (key, { value }) => {
      const id = key.split('/').slice(0, 2).join('/');
      const current = { actual: { value }, metadata: { type: 'string' } };
      node.#answer(id, 'twin/update/document', { twin: { [key.slice(id.length + 1)]: { last: null, current } } });
    };
    twin.onState = (id, state) =>
      node.#answer(id, 'state/update/result', { device: { name: id.split('/').at(-1), state, lastOnlineTime: '' } });
    twin.onMember = (id) =>
      node.publish('$hw/events/node/edge-1/membership/updated', {
        ...BLANK,
        ...{ added_devices: [{ id, name: id.split('/').at(-1) }], removed_devices: [] },
      });
    return node;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  publish(topic: string, body: object): void {
    const payload = JSON.stringify(body);
    this.#broker.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, () => {});
  }

  #answer(id: string, kind: string, body: object): void {
    this.publish(`$hw/events/device/${id}/${kind}`, { ...BLANK, ...body });
  }

  /** Every connection ends; the broker stays. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#broker.close(() => resolve()));
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #heard(twin: DeviceTwin, topic: string, payload: string): void {
    this.published.push({ topic, payload });
    const [, id, kind] = TOPIC.exec(topic) ?? [];
    if (id === undefined || this.isAlone) return;
    const body = parsed(payload);
    // It reads the device out of the same message: the answer names none.
    if (body === undefined)
      this.#answer('', 'twin/update/result', { code: 400, reason: 'Unmarshal update request body failed' });
    else if (kind === 'state/update') twin.state(id, body.state ?? '');
    else if (kind === 'twin/get') this.#answer(id, 'twin/get/result', twin.get(id));
    else twin.update(id, twinsOf({ twin: {}, ...body }));
  }
}

/** Of every answer. */
const BLANK = { event_id: '', timestamp: 0 };

function parsed(payload: string): { readonly state?: string; readonly twin?: object } | undefined {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function twinsOf(body: { readonly twin: object }) {
  const entries = Object.entries(
    body.twin as Record<string, { actual?: { value: string }; expected?: { value: string } }>,
  );
  const twins = entries.map(([key, { actual, expected }]) => [
    key,
    { reported: actual?.value ?? '', desired: expected?.value ?? '' },
  ]);
  return Object.fromEntries(twins);
}

import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Metrics } from '../../core/metrics.ts';
import { aborted, type Service } from '../../core/service.ts';
import { type Hello, liveSchema, parseMessage, statusSchema } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { UpKind } from '../protocol/topics.ts';
import type { Archive, EnrolmentStore } from './archive.ts';
import { Broker } from './broker.ts';
import { Ca } from './ca.ts';
import { Enrolment, type JoinRequest } from './enrolment.ts';
import { GatewayListener } from './gateway-listener.ts';
import type { HubEvents } from './hub-events.ts';
import { watchHub } from './hub-metrics.ts';
import { Sessions } from './sessions.ts';

export interface CloudHubOptions {
  readonly archive: Archive;
  readonly enrolment: EnrolmentStore;
  readonly dataDir: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** In the server certificate, besides localhost and 127.0.0.1. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly events: HubEvents;
  readonly caps?: { readonly total: number; readonly perAddress: number };
}

export interface SessionInfo {
  readonly gateway: GatewayId;
  readonly state: 'online' | 'offline';
  /** Of the state, hub's clock. */
  readonly since: number;
  readonly hello?: Hello;
  /** Records told at hello and not stored yet. */
  readonly backlog?: number;
  /** Gateway's clock minus the hub's. */
  readonly clockOffsetMs?: number;
  /** A second gateway with this name was refused within the last hour. */
  readonly cloned: boolean;
}

/** The gateway's counterpart: broker, sessions, enrolment. Runs until its signal aborts. */
export interface CloudHub extends Service {
  /** Of the gateways' listener. */
  readonly port: number;
  readonly caPem: string;
  readonly fingerprint: string;
  createToken(options: { readonly gateway?: GatewayId; readonly ttlMs: number }): Promise<string>;
  join(request: JoinRequest): Promise<{
    readonly certificate: string;
    readonly ca: string;
    readonly mqtt: { readonly port: number };
  }>;
  /** A certificate for a listener of the hub's own, such as its page. */
  issueServer(names: readonly string[]): Promise<{ readonly cert: string; readonly key: string }>;
  gateways(): readonly SessionInfo[];
  /** Revokes a gateway's certificates and ends its connection: it does not come back. Answers how many there were. */
  revoke(gateway: GatewayId): Promise<number>;
  /** Was a second gateway with this name refused within the last hour? */
  isCloned(gateway: GatewayId): boolean;
}

const CAPS = { total: 6000, perAddress: 2000 };

/**
 * Listens when this resolves.
 * @throws Fault port-taken, key-exposed
 */
export async function startCloudHub(options: CloudHubOptions): Promise<CloudHub> {
  const { archive, enrolment: store, clock, log, listen, names, metrics } = options;
  const ca = await Ca.open(options.dataDir, clock);
  const enrolment = new Enrolment(ca, store, clock);
  const states = new SessionStates(clock);
  const events = watchHub(metrics, states.behind(options.events), () => sessions.cloned().length);
  const sessions: Sessions = new Sessions({
    archive,
    clock,
    log,
    events,
    send: (...message) => broker.send(...message),
  });
  const broker = await Broker.create(
    {
      onMessage: (gateway, kind, payload) => route(gateway, kind, payload, { sessions, events, log }),
      onConnected: (gateway) => sessions.connected(gateway),
      onDisconnected: (gateway, { replaced }) => sessions.disconnected(gateway, replaced),
      isRevoked: (serial) => store.isRevoked(serial),
    },
    log,
  );
  const tls = { ...(await ca.issueServer(names)), ca: ca.pem };
  const accept = broker.accept.bind(broker);
  const listener = new GatewayListener({ listen, tls, caps: options.caps ?? CAPS, log, accept });
  try {
    await listener.open();
  } catch (error) {
    // Its timers would keep the process.
    await broker.close();
    throw error;
  }
  for (const gateway of await store.gateways()) sessions.announce(gateway);

  return {
    name: 'cloud-hub',
    port: listener.port,
    caPem: ca.pem,
    fingerprint: ca.fingerprint,
    createToken: (request) => enrolment.createToken(request),
    join: async (request) => ({ ...(await enrolment.join(request)), mqtt: { port: listener.port } }),
    issueServer: (all) => ca.issueServer(all),
    gateways: () => states.list(sessions),
    isCloned: (gateway) => sessions.isCloned(gateway),
    async revoke(gateway) {
      const serials = await store.revoke(gateway, clock.now());
      broker.disconnect(gateway);
      return serials.length;
    },
    async run(signal) {
      await aborted(signal);
      await listener.close();
      await broker.close();
      await sessions.idle();
    },
  };
}

interface Routes {
  readonly sessions: Sessions;
  readonly events: HubEvents;
  readonly log: Log;
}

/** What is not understood is counted and dropped; `result` belongs to a later issue. */
function route(gateway: GatewayId, kind: UpKind, payload: Buffer, { sessions, events, log }: Routes) {
  sessions.heard(gateway);
  if (kind === 'frame') return sessions.onFrame(gateway, payload);
  if (kind === 'hello') sessions.onHello(gateway, payload);
  if (kind === 'document') sessions.onDocument(gateway, payload);
  if (kind === 'live') {
    const live = parseMessage(liveSchema, payload);
    if (live) events.onLive(gateway, live);
    else log.warn({ gateway, kind }, 'a message breaks its schema');
  }
  if (kind === 'status') {
    const status = parseMessage(statusSchema, payload);
    if (status) events.onStatus(gateway, status);
    else log.warn({ gateway, kind }, 'a message breaks its schema');
  }
  return undefined;
}

/** Who is online since when. */
class SessionStates {
  readonly #clock: Clock;
  readonly #states = new Map<GatewayId, Omit<SessionInfo, 'cloned' | 'backlog'>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same events, noted in passing. */
  behind(events: HubEvents): HubEvents {
    return {
      onFrames: (gateway, frames) => events.onFrames(gateway, frames),
      onLive: (gateway, live) => events.onLive(gateway, live),
      onStatus: (gateway, status) => events.onStatus(gateway, status),
      onCloned: (gateway) => events.onCloned(gateway),
      onSession: (gateway, state, hello) => {
        const since = this.#clock.now();
        const offset = hello ? { hello, clockOffsetMs: Math.round(hello.clock.now - since) } : {};
        this.#states.set(gateway, { ...this.#states.get(gateway), ...offset, gateway, state, since });
        events.onSession(gateway, state, hello);
      },
    };
  }

  list(sessions: Sessions): SessionInfo[] {
    return [...this.#states.values()].map((info) => {
      const backlog = sessions.find(info.gateway)?.backlog;
      const cloned = sessions.isCloned(info.gateway);
      return backlog === undefined ? { ...info, cloned } : { ...info, cloned, backlog };
    });
  }
}

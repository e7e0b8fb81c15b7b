import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Metrics } from '../../core/metrics.ts';
import { aborted, type Service } from '../../core/service.ts';
import { documentSchema } from '../protocol/document.ts';
import type { Command } from '../protocol/downlink.ts';
import { type Hello, liveSchema, parseMessage, statusSchema } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { UpKind } from '../protocol/topics.ts';
import type { Archive, EnrolmentStore } from './archive.ts';
import { Broker } from './broker.ts';
import { Ca } from './ca.ts';
import { type CaDesk, caDesk } from './ca-desk.ts';
import { Downlink } from './downlink.ts';
import type { DownlinkStore } from './downlink-store.ts';
import { Enrolment, type JoinRequest } from './enrolment.ts';
import { GatewayListener } from './gateway-listener.ts';
import type { HubEvents, RefusedClient } from './hub-events.ts';
import { watchHub } from './hub-metrics.ts';
import { Renewals } from './renewals.ts';
import { Sessions } from './sessions.ts';
import { WriteLine } from './write-line.ts';
import type { WriteStore } from './write-store.ts';

export interface CloudHubOptions {
  readonly archive: Archive;
  readonly enrolment: EnrolmentStore;
  readonly downlink: DownlinkStore;
  readonly writes: WriteStore;
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
  /** How the hub's CA is replaced. */
  readonly ca: CaDesk;
  /** A certificate for a listener of the hub's own, such as its page. */
  issueServer(names: readonly string[]): Promise<{ readonly cert: string; readonly key: string }>;
  gateways(): readonly SessionInfo[];
  certificates: EnrolmentStore['certificates'];
  /**
   * Revokes a gateway's certificates, or the one with that serial, and ends the connection that stands on one: it does not come back.
   * Answers how many there were.
   */
  revoke(gateway: GatewayId, serial?: string): Promise<number>;
  /** What is wanted of a gateway has changed: it is told, now or when it comes. */
  wants(gateway: GatewayId): void;
  isThere(gateway: GatewayId): boolean;
  /** An order to a gateway; false if it is not there. Its answers go to the store. */
  command(gateway: GatewayId, command: Command): boolean;
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
  const send = (...message: Parameters<Broker['send']>) => broker.send(...message);
  const downlink = new Downlink({ store: options.downlink, send, log });
  const writes = new WriteLine({ store: options.writes, send, log });
  const events = watchHub(metrics, states.behind(options.events, [downlink, writes]), () => sessions.cloned().length);
  const sessions: Sessions = new Sessions({
    archive,
    clock,
    log,
    events,
    send,
    renewBefore: () => ca.renewBefore,
    wanted: async (gateway) => (await options.downlink.wanted(gateway))?.version ?? 0,
  });
  const routes = { sessions, downlink, writes, events, log };
  const renewals = new Renewals({ enrolment, send, log });
  const onRefused = (refused: RefusedClient) => events.onRefused(refused);
  const broker = await Broker.create(
    {
      onMessage: (peer, kind, payload) =>
        kind === 'renew' ? renewals.asked(peer, payload) : route(peer.gateway, kind, payload, routes),
      onConnected: (gateway) => sessions.connected(gateway),
      onDisconnected: (gateway, { replaced }) => sessions.disconnected(gateway, replaced),
      isRevoked: (peer) => store.isRevoked(peer),
      onRefused,
    },
    log,
  );
  const tlsNow = async () => ({ ...(await ca.issueServer(names)), ca: ca.trusted });
  const accept = broker.accept.bind(broker);
  const door = { listen, caps: options.caps ?? CAPS, log, accept, refused: onRefused };
  const openListener = async () => {
    const known = await store.gateways();
    const opened = new GatewayListener({ ...door, tls: await tlsNow() });
    await opened.open();
    for (const gateway of known) sessions.announce(gateway);
    return opened;
  };
  const listener = await openListener().catch(async (error: unknown) => {
    // Its timers would keep the process.
    await broker.close();
    throw error;
  });

  return {
    name: 'cloud-hub',
    port: listener.port,
    get caPem() {
      return ca.pem;
    },
    get fingerprint() {
      return ca.fingerprint;
    },
    ca: caDesk({ ca, store, clock }, async () => {
      listener.secure(await tlsNow());
      // They ask to be welcomed anew, and are told what to do.
      for (const gateway of await store.gateways()) sessions.announce(gateway);
    }),
    createToken: (request) => enrolment.createToken(request),
    join: async (request) => ({ ...(await enrolment.join(request)), mqtt: { port: listener.port } }),
    issueServer: (all) => ca.issueServer(all),
    gateways: () => states.list(sessions),
    isCloned: (gateway) => sessions.isCloned(gateway),
    wants(gateway) {
      downlink.wants(gateway);
      writes.wants(gateway);
    },
    isThere: (gateway) => downlink.isThere(gateway),
    command: (gateway, command) => downlink.command(gateway, command),
    certificates: (gateway) => store.certificates(gateway),
    async revoke(gateway, serial) {
      const serials = await store.revoke(gateway, clock.now(), serial);
      broker.disconnect(gateway, (peer) => serial === undefined || serials.includes(peer.serial));
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
  readonly downlink: Downlink;
  readonly writes: WriteLine;
  readonly events: HubEvents;
  readonly log: Log;
}

/** What is not understood is told and dropped. */
function route(gateway: GatewayId, kind: UpKind, payload: Buffer, routes: Routes) {
  const { sessions, downlink, writes, events, log } = routes;
  sessions.heard(gateway);
  if (kind === 'frame') return sessions.onFrame(gateway, payload);
  if (kind === 'hello') sessions.onHello(gateway, payload);
  if (kind === 'document') routeDocument(gateway, payload, routes);
  if (kind === 'result' && !writes.onResult(gateway, payload)) downlink.onResult(gateway, payload);
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

function routeDocument(gateway: GatewayId, payload: Buffer, { sessions, downlink, writes, log }: Routes): void {
  const part = parseMessage(documentSchema, payload);
  if (part === undefined) log.warn({ gateway }, 'a document breaks its schema');
  else if (part.name === 'catalogue') sessions.onCatalogue(gateway, part);
  else if (part.name === 'twins') writes.onDocument(gateway, part);
  else downlink.onDocument(gateway, part);
}

/** Who is online since when. */
class SessionStates {
  readonly #clock: Clock;
  readonly #states = new Map<GatewayId, Omit<SessionInfo, 'cloned' | 'backlog'>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same events, noted in passing. */
  behind(events: HubEvents, followers: readonly Pick<Downlink, 'onSession'>[]): HubEvents {
    return {
      onFrames: (gateway, frames) => events.onFrames(gateway, frames),
      onLive: (gateway, live) => events.onLive(gateway, live),
      onStatus: (gateway, status) => events.onStatus(gateway, status),
      onCloned: (gateway) => events.onCloned(gateway),
      onRefused: (refused) => events.onRefused(refused),
      onSession: (gateway, state, hello) => {
        const since = this.#clock.now();
        const offset = hello ? { hello, clockOffsetMs: Math.round(hello.clock.now - since) } : {};
        this.#states.set(gateway, { ...this.#states.get(gateway), ...offset, gateway, state, since });
        events.onSession(gateway, state, hello);
        for (const follower of followers) follower.onSession(gateway, state, hello);
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

import { Aedes, type AedesPublishPacket, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { Log } from '../../core/log.ts';
import { MAX_MESSAGE_BYTES } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import { type DownKind, downBranch, downTopic, parseTopic, type UpKind } from '../protocol/topics.ts';
import type { GatewayStream, Peer } from './gateway-stream.ts';
import type { RefusedClient } from './hub-events.ts';

export interface BrokerHandlers {
  /** While the promise is pending, that gateway is held back by TCP. */
  onMessage(peer: Peer, kind: UpKind, payload: Buffer): Promise<void> | undefined;
  onConnected(gateway: GatewayId): void;
  /** `replaced`: by a newcomer of the same name, of which `onConnected` tells. */
  onDisconnected(gateway: GatewayId, how: { readonly replaced: boolean }): void;
  isRevoked(peer: Peer): Promise<boolean>;
  onRefused(refused: RefusedClient): void;
}

/** A stalled gateway is dropped after this long. */
const DRAIN_MS = 8000;
const CONNECT_MS = 10_000;
/** Whoever promises no sign of life within it is not let in: half a connection would stand for ever. */
const KEEPALIVE_S = 120;

/**
 * The embedded MQTT broker: gateways only, each in its own branch. It carries bytes and decides nothing; what it keeps is a
 * cache in memory.
 */
export class Broker {
  readonly #aedes: Aedes;
  readonly #handlers: BrokerHandlers;
  readonly #log: Log;
  readonly #connected = new Map<GatewayId, Client>();
  /** Admitted, and about to put out whoever has the name. */
  readonly #arriving = new Map<GatewayId, Client>();

  private constructor(aedes: Aedes, handlers: BrokerHandlers, log: Log) {
    this.#aedes = aedes;
    this.#handlers = handlers;
    this.#log = log;
    aedes.preConnect = (client, packet, done) => {
      const fault = connectFault(client, packet);
      if (fault) this.#refused(client, 'connect', fault);
      done(fault ? new Error(fault) : null, fault === undefined);
    };
    aedes.authenticate = (client, _user, _password, done) => {
      void this.#authenticate(client).then((admitted) => done(null, admitted));
    };
    aedes.authorizePublish = (client, packet, done) => this.#publish(client, packet, done);
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const granted = allowed(client, subscription);
      if (granted === null) this.#refused(client, 'subscribe', `may not subscribe to ${subscription.topic}`);
      done(null, granted);
    };
    aedes.on('clientReady', (client) => {
      this.#connected.set(client.id, client);
      this.#arriving.delete(client.id);
      handlers.onConnected(client.id);
      void this.#checkAgain(client);
    });
    aedes.on('clientDisconnect', (client) => {
      // After a takeover the name belongs to the newcomer.
      if (this.#connected.get(client.id) !== client) return;
      this.#connected.delete(client.id);
      const newcomer = this.#arriving.get(client.id);
      handlers.onDisconnected(client.id, { replaced: newcomer !== undefined && !newcomer.closed });
    });
    aedes.on('clientError', (client, error) => log.debug({ gateway: client.id, error: error.message }, 'connection'));
    aedes.on('connectionError', (_, error) => log.debug({ error: error.message }, 'connection refused'));
  }

  static async create(handlers: BrokerHandlers, log: Log): Promise<Broker> {
    const options = { drainTimeout: DRAIN_MS, connectTimeout: CONNECT_MS, queueLimit: 8, maxTopicLevels: 8 };
    return new Broker(await Aedes.createBroker(options), handlers, log);
  }

  accept(stream: GatewayStream): void {
    this.#aedes.handle(stream);
  }

  send(gateway: GatewayId, kind: DownKind, payload: Buffer): void {
    const packet = {
      cmd: 'publish',
      topic: downTopic(gateway, kind),
      payload,
      qos: 1,
      retain: false,
      dup: false,
    } as const;
    this.#aedes.publish(packet, (error) => {
      if (error) this.#log.debug({ gateway, kind, error: error.message }, 'not sent');
    });
  }

  /** Ends the gateway's connection, if it has one; with `which`, only if it stands on such a certificate. */
  disconnect(gateway: GatewayId, which: (peer: Peer) => boolean = () => true): void {
    const client = this.#connected.get(gateway);
    if (client && which((client.conn as GatewayStream).peer)) client.close();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
  }

  async #authenticate(client: Client): Promise<boolean> {
    const { peer } = client.conn as GatewayStream;
    if (client.id !== peer.gateway) {
      this.#refused(client, 'connect', 'the client id is not the name in the certificate');
      return false;
    }
    const revoked = await this.#isRevoked(client);
    if (revoked) this.#refused(client, 'connect', 'the certificate was revoked, or nobody can say');
    else this.#arriving.set(client.id, client);
    return !revoked;
  }

  /** Who was revoked while it came was not among the connected yet, and nobody put it out. */
  async #checkAgain(client: Client): Promise<void> {
    if (!(await this.#isRevoked(client))) return;
    this.#refused(client, 'connect', 'the certificate was revoked while it connected');
    client.close();
  }

  #isRevoked(client: Client): Promise<boolean> {
    return this.#handlers.isRevoked((client.conn as GatewayStream).peer).catch(() => true);
  }

  #publish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const kind = client === null ? undefined : kindOf(client, packet);
    if (client === null || kind === undefined) {
      if (client !== null) this.#refused(client, 'publish', `may not publish to ${packet.topic}`);
      done(new Error('not allowed'));
      return;
    }
    // The last will of a connection that was taken over says nothing about the gateway.
    const current = this.#connected.get(client.id);
    if (current !== undefined && current !== client) {
      done(new Error('replaced'));
      return;
    }
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    const held = this.#handlers.onMessage((client.conn as GatewayStream).peer, kind, payload);
    if (held === undefined) done(null);
    else void held.then(() => done(null));
  }

  #refused(client: Client, act: RefusedClient['act'], reason: string): void {
    const { peer, address } = client.conn as GatewayStream;
    this.#log.warn({ gateway: peer.gateway, reason }, 'refused a client');
    this.#handlers.onRefused({ gateway: peer.gateway, address, act, reason });
  }
}

type ConnectPacket = Parameters<Aedes['preConnect']>[1];

function connectFault(client: Client, packet: ConnectPacket): string | undefined {
  const { peer } = client.conn as GatewayStream;
  if (packet.clean !== true) return 'wants a kept session';
  if (!packet.keepalive || packet.keepalive > KEEPALIVE_S) return 'promises no sign of life';
  const { will } = packet;
  if (will === undefined || will === null) return undefined;
  const topic = parseTopic(will.topic);
  const own = topic?.direction === 'up' && topic.kind === 'status' && topic.gateway === peer.gateway;
  return own && will.qos !== 2 ? undefined : 'a last will outside its own status';
}

function kindOf(client: Client, packet: PublishPacket | AedesPublishPacket): UpKind | undefined {
  const topic = parseTopic(packet.topic);
  if (topic?.direction !== 'up' || topic.gateway !== client.id || packet.qos === 2) return undefined;
  if (packet.retain && topic.kind !== 'status') return undefined;
  if (topic.kind !== 'frame' && packet.payload.length > MAX_MESSAGE_BYTES) return undefined;
  return topic.kind;
}

function allowed(client: Client, subscription: Subscription): Subscription | null {
  return subscription.topic === downBranch(client.id) && subscription.qos !== 2 ? subscription : null;
}

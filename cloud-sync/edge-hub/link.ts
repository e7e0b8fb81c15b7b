import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { withoutNumberCache } from '../../core/mqtt-memory.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import { type DownKind, downBranch, parseTopic, type UpKind, upTopic } from '../protocol/topics.ts';
import { connectEarly } from './early-socket.ts';
import type { Identity } from './identity.ts';

// Not the whole of the library: what it has for WebSockets and proxies would be loaded too, 1.7 MB of heap for nothing. By `require`, since an
// `import` of these files means one thing to Node and another to bundlers.
const require = createRequire(import.meta.url);
const { default: Client } = require('mqtt/lib/client') as typeof import('mqtt/lib/client');
const { default: MessageIds } =
  require('mqtt/lib/unique-message-id-provider') as typeof import('mqtt/lib/unique-message-id-provider');

export interface LinkOptions {
  readonly url: string;
  readonly gateway: GatewayId;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onMessage: (kind: DownKind, payload: Buffer) => void;
  /** Once, when the connection is over for whatever reason. */
  readonly onClosed: (fault: Fault) => void;
}

/** One MQTT connection. It is never mended: when anything is wrong it ends, and another one is made. */
export interface Link {
  /** After the end it does nothing. */
  publish(kind: UpKind, payload: Buffer, options?: { readonly qos?: 0 | 1; readonly retain?: boolean }): void;
  /** Bytes that have not left for the socket yet. */
  readonly unsentBytes: number;
  end(): void;
}

const CONNECT_MS = 20_000;
const KEEPALIVE_S = 30;
const MQTTS_PORT = 8883;

/**
 * Connects and subscribes.
 * @throws Fault hub-unreachable, hub-refused, hub-untrusted
 */
export function openLink(options: LinkOptions): Promise<Link> {
  const { gateway } = options;
  return new Promise((resolve, reject) => {
    const client = createClient(options);
    let opened = false;
    let closed = false;
    let cause: unknown;
    // Our listeners stay to the end: errors may still arrive while the client is taken down. Removing all would take the
    // library's own with them, and the timers that those clear would keep the process alive.
    const close = (reason: unknown) => {
      if (closed) return;
      closed = true;
      options.signal.removeEventListener('abort', stop);
      client.end(true);
      const fault = linkFault(reason ?? cause, options.url);
      if (opened) options.onClosed(fault);
      else reject(fault);
    };
    const stop = () => close(new Fault('hub-unreachable', 'stopping'));
    options.signal.addEventListener('abort', stop);
    client.on('error', (error) => {
      cause ??= error;
      close(error);
    });
    client.on('close', () => close(undefined));
    client.on('message', (topic, payload) => {
      const parsed = parseTopic(topic);
      if (!closed && parsed?.direction === 'down' && parsed.gateway === gateway)
        options.onMessage(parsed.kind, payload);
    });
    client.once('connect', () => {
      client.subscribe(downBranch(gateway), { qos: 1 }, (error, granted) => {
        if (closed) return;
        if (error || granted?.[0]?.qos === 128) {
          close(error ?? new Fault('hub-refused', 'the subscription'));
          return;
        }
        opened = true;
        const end = () => close(new Fault('hub-unreachable', 'ended by us'));
        resolve(linkOf(client, gateway, { isOver: () => closed, end }));
      });
    });
  });
}

function createClient(options: LinkOptions): MqttClient {
  const { url, identity, clock } = options;
  const { hostname, port } = new URL(url);
  const place = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || MQTTS_PORT) };
  const stream = () =>
    clock.synchronised() ? connectNow(place, identity) : connectEarly(place, identity, clock.now());
  withoutNumberCache();
  return new Client(stream, clientOptions(options));
}

function connectNow({ host, port }: { readonly host: string; readonly port: number }, identity: Identity): TLSSocket {
  const { certificate: cert, key, ca } = identity;
  return connect({ host, port, cert, key, ca, ...(isIP(host) === 0 ? { servername: host } : {}) });
}

function clientOptions({ gateway }: LinkOptions): IClientOptions {
  return {
    clientId: gateway,
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_MS,
    // Our own loop decides when to try again; nothing is queued or sent again by the library.
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    messageIdProvider: new MessageIds(),
    will: { topic: upTopic(gateway, 'status'), payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true },
  };
}

interface Ending {
  isOver(): boolean;
  end(): void;
}

function linkOf(client: MqttClient, gateway: GatewayId, { isOver, end }: Ending): Link {
  return {
    publish(kind, payload, { qos = 1, retain = false } = {}) {
      // A status that was being gathered comes after the end; the library would throw, for its store is gone.
      if (isOver()) return;
      // What becomes of it, the hub's own acknowledgement says; a failure shows as the end of the connection.
      client.publish(upTopic(gateway, kind), payload, { qos, retain }, () => {});
    },
    get unsentBytes() {
      return client.stream?.writableLength ?? 0;
    },
    end,
  };
}

function linkFault(reason: unknown, url: string): Fault {
  if (reason instanceof Fault) return reason;
  const { code, message = 'the connection closed' } = (reason ?? {}) as { code?: string | number; message?: string };
  const detail = `${url} (${message})`;
  // Numbers are return codes of CONNACK: 2 identifier, 4 and 5 credentials [MQTT 3.1.1, 3.2.2.3].
  if (code === 2 || code === 4 || code === 5) return new Fault('hub-refused', detail, { cause: reason });
  const name = String(code ?? '');
  if (/ALERT/.test(name)) return new Fault('hub-refused', detail, { cause: reason });
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(name);
  return new Fault(untrusted ? 'hub-untrusted' : 'hub-unreachable', detail, { cause: reason });
}

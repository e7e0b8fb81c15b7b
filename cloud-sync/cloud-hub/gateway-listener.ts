import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { instant } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { GATEWAY_ID } from '../../core/reading.ts';
import { TOO_LONG } from '../protocol/guarded-stream.ts';
import { SLACK_MS } from './authority.ts';
import { keyHash } from './ca.ts';
import { GatewayStream, type Peer } from './gateway-stream.ts';
import type { RefusedClient } from './hub-events.ts';

export interface ListenerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly caps: { readonly total: number; readonly perAddress: number };
  /** Until the TLS handshake must be done; 10 s if left out. */
  readonly handshakeMs?: number;
  readonly log: Log;
  readonly accept: (stream: GatewayStream) => void;
  readonly refused: (refused: RefusedClient) => void;
}

const HANDSHAKE_MS = 10_000;

/** Listens for gateways: mutual TLS, connection caps, packet bounds. What it hands on has a verified identity. */
export class GatewayListener {
  readonly #server: Server;
  readonly #options: ListenerOptions;
  readonly #addresses = new Map<string, number>();
  readonly #open = new Set<Socket>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    const server = createServer({
      ...options.tls,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      handshakeTimeout: options.handshakeMs ?? HANDSHAKE_MS,
      // Without it an acknowledgement waits for the next packet: a tenth of the rate.
      noDelay: true,
    });
    server.maxConnections = options.caps.total;
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('secureConnection', (socket) => this.#greet(socket));
    server.on('tlsClientError', (error, socket) => {
      options.log.debug({ error: error.message }, 'a TLS handshake failed');
      const reason = handshakeFault(error, socket);
      if (reason !== undefined) this.#refused(socket, reason);
      // Node tells of a handshake that takes too long and leaves the connection standing: a few thousand would lock all gateways out.
      socket.destroy();
    });
    this.#server = server;
  }

  /** @throws Fault port-taken */
  async open(): Promise<void> {
    const { listen } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new Fault('port-taken', `${listen.host}:${listen.port} (${cause.message})`, { cause })),
      );
      this.#server.listen(listen, resolve);
    });
  }

  /** From the next handshake on. Those who are connected stay. */
  secure(tls: ListenerOptions['tls']): void {
    this.#server.setSecureContext({ ...tls, minVersion: 'TLSv1.2' });
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #admit(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const open = this.#addresses.get(address) ?? 0;
    if (open >= this.#options.caps.perAddress) {
      this.#refused(socket, 'too many connections of this address');
      socket.destroy();
      return;
    }
    this.#addresses.set(address, open + 1);
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      const left = (this.#addresses.get(address) ?? 1) - 1;
      if (left > 0) this.#addresses.set(address, left);
      else this.#addresses.delete(address);
    });
  }

  #refused(socket: Socket, reason: string): void {
    this.#options.refused({ gateway: '', address: addressOf(socket), act: 'handshake', reason });
  }

  #greet(socket: TLSSocket): void {
    const peer = peerOf(socket);
    if (peer === undefined) {
      this.#options.log.warn({ address: socket.remoteAddress }, 'a certificate names no gateway');
      this.#refused(socket, 'the certificate names no gateway');
      socket.destroy();
      return;
    }
    const stream = new GatewayStream(socket, peer);
    stream.on('error', ({ message }) => {
      const { address } = stream;
      if (message === TOO_LONG)
        this.#options.refused({ gateway: peer.gateway, address, act: 'packet', reason: TOO_LONG });
    });
    this.#options.accept(stream);
  }
}

/** What a client did wrong; undefined if it just went away, as health checks do. */
function handshakeFault(error: Error & { code?: string }, socket: TLSSocket): string | undefined {
  const { code = '' } = error;
  // Typed as an error, and since Node's beginnings a text: the code of OpenSSL's verdict on the certificate.
  const verdict = socket.authorizationError as unknown as string | null | undefined;
  if (verdict) return `its certificate: ${verdict}`;
  return code.startsWith('ERR_SSL_') || code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? code : undefined;
}

/** A TLS socket that failed has forgotten whose it was; the one below it, which was asked when it came, has not. */
function addressOf(socket: Socket & { readonly _parent?: Socket }): string {
  return socket.remoteAddress ?? socket._parent?.remoteAddress ?? '';
}

function peerOf(socket: TLSSocket): Peer | undefined {
  const gateway: unknown = socket.getPeerCertificate().subject?.CN;
  const certificate = socket.getPeerX509Certificate();
  if (typeof gateway !== 'string' || !GATEWAY_ID.test(gateway) || certificate === undefined) return undefined;
  const { serialNumber, validFrom, publicKey } = certificate;
  const key = keyHash(publicKey.export({ type: 'spki', format: 'der' }));
  return { gateway, serial: serialNumber.toLowerCase(), key, issuedAt: instant(validFrom).getTime() + SLACK_MS };
}

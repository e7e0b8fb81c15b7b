import type { Server, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { GATEWAY_ID } from '../../core/reading.ts';
import { GatewayStream, type Peer } from './gateway-stream.ts';

export interface ListenerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly caps: { readonly total: number; readonly perAddress: number };
  readonly log: Log;
  readonly accept: (stream: GatewayStream) => void;
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
      handshakeTimeout: HANDSHAKE_MS,
      // Without it an acknowledgement waits for the next packet: a tenth of the rate.
      noDelay: true,
    });
    server.maxConnections = options.caps.total;
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('secureConnection', (socket) => this.#greet(socket));
    server.on('tlsClientError', (error) => options.log.debug({ error: error.message }, 'a TLS handshake failed'));
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

  #greet(socket: TLSSocket): void {
    const peer = peerOf(socket);
    if (peer === undefined) {
      this.#options.log.warn({ address: socket.remoteAddress }, 'a certificate names no gateway');
      socket.destroy();
      return;
    }
    this.#options.accept(new GatewayStream(socket, peer));
  }
}

function peerOf(socket: TLSSocket): Peer | undefined {
  const { subject, serialNumber } = socket.getPeerCertificate();
  const gateway: unknown = subject?.CN;
  if (typeof gateway !== 'string' || !GATEWAY_ID.test(gateway)) return undefined;
  return { gateway, serial: serialNumber.toLowerCase() };
}

import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { GatewayId } from '../protocol/numbers.ts';
import { PacketGuard } from './packet-guard.ts';

export const MAX_CONNECT_BYTES = 4096;
/** An envelope of the largest frame, or 128 KiB of small ones, with room. */
export const MAX_PACKET_BYTES = 1_258_291;

/** Who is at the other end, by the certificate that was verified. */
export interface Peer {
  readonly gateway: GatewayId;
  readonly serial: string;
}

/** A TLS connection as the broker sees it: nothing passes that announces more than its bounds. */
export class GuardedStream extends Duplex {
  readonly peer: Peer;
  readonly #socket: TLSSocket;
  readonly #guard = new PacketGuard({ first: MAX_CONNECT_BYTES, most: MAX_PACKET_BYTES });

  constructor(socket: TLSSocket, peer: Peer) {
    super({ readableHighWaterMark: 256 * 1024 });
    this.#socket = socket;
    this.peer = peer;
    socket.on('data', (chunk: Buffer) => {
      if (!this.#guard.accepts(chunk)) this.destroy(new Error('a packet is longer than its bound'));
      else if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.write(chunk)) done();
    else this.#socket.once('drain', done);
  }

  override _writev(chunks: readonly { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(
      chunks.length === 1 ? (chunks[0]?.chunk as Buffer) : Buffer.concat(chunks.map(({ chunk }) => chunk)),
      'utf8',
      done,
    );
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { PacketGuard } from './packet-guard.ts';

/** Bytes of packets: of the first one, and of those after it. */
export interface PacketBounds {
  readonly first: number;
  readonly most: number;
}

export const TOO_LONG = 'a packet is longer than its bound';

/** A connection as a broker sees it: nothing passes that announces more than its bounds. */
export class GuardedStream extends Duplex {
  readonly #socket: Socket;
  readonly #guard: PacketGuard;

  constructor(socket: Socket, bounds: PacketBounds) {
    super({ readableHighWaterMark: 256 * 1024 });
    this.#socket = socket;
    this.#guard = new PacketGuard(bounds);
    socket.on('data', (chunk: Buffer) => {
      if (!this.#guard.accepts(chunk)) this.destroy(new Error(TOO_LONG));
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

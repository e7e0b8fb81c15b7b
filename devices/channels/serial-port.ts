import { readSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { Fault } from '../../core/faults.ts';
import type { SerialSettings } from '../plant-types.ts';

/** The part of serialport's binding that we use. On Linux and macOS it shows its file descriptor and its poller. */
interface Binding {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', then: (error: Error | null) => void): unknown };
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/**
 * A serial port below serialport's stream: the stream wakes for every few bytes that trickle in (15 to 39 ms of CPU for one long
 * answer), while here the reader decides when to look.
 */
export class SerialPortHandle {
  readonly #binding: Binding;
  #onReadable: (() => void) | undefined;
  #polling = false;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /** What has come, into `into` from `at`; 0 if nothing has. Throws line-closed when the port is gone. */
  read(into: Buffer, at: number): number {
    const { fd } = this.#binding;
    if (fd === null) throw new Fault('line-closed');
    try {
      const count = readSync(fd, into, at, into.length - at, null);
      // An adapter that was pulled out reads as an end of file, for ever.
      if (count === 0 && at < into.length) throw new Fault('line-closed', 'the port was unplugged');
      return count;
    } catch (cause) {
      if (cause instanceof Fault) throw cause;
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') return 0;
      throw new Fault('line-closed', code, { cause });
    }
  }

  /** Calls `then` once when there is something to read, or the port is gone. */
  whenReadable(then: () => void): void {
    this.#onReadable = then;
    if (this.#polling) return;
    this.#polling = true;
    this.#binding.poller.once('readable', () => {
      this.#polling = false;
      const wake = this.#onReadable;
      this.#onReadable = undefined;
      wake?.();
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#binding.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    } catch (cause) {
      throw new Fault('line-closed', undefined, { cause });
    }
  }

  async close(): Promise<void> {
    if (this.#binding.fd === null) return;
    await this.#binding.close().catch(() => {});
  }
}

/** Rejects with port-missing, port-denied or port-busy. */
export async function openSerialPort(path: string, settings: SerialSettings): Promise<SerialPortHandle> {
  await checkPath(path);
  // Loaded late: a gateway without serial lines need not load the native part.
  const { SerialPort } = await import('serialport');
  try {
    const binding = await SerialPort.binding.open({ path, ...settings, lock: true });
    if (!('poller' in binding)) throw new Fault('port-missing', 'serial ports work on Linux and macOS only');
    return new SerialPortHandle(binding as Binding);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    // The binding gives no code, only the system's words.
    const words = (cause as Error).message;
    if (/lock|busy/i.test(words)) throw new Fault('port-busy', path, { cause });
    if (/denied|not permitted/i.test(words)) throw new Fault('port-denied', path, { cause });
    throw new Fault('port-missing', `${path}: ${words}`, { cause });
  }
}

async function checkPath(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isCharacterDevice()) throw new Fault('port-missing', `${path} is no serial port`);
    await access(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const denied = (cause as NodeJS.ErrnoException).code === 'EACCES';
    throw new Fault(denied ? 'port-denied' : 'port-missing', path, { cause });
  }
}

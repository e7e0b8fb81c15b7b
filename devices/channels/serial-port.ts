import { readSync, writeSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { Fault } from '../../core/faults.ts';
import type { SerialSettings } from '../driver.ts';

/** The part of serialport's binding that we use. On Linux and macOS it shows its file descriptor and its poller. */
interface Binding {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', then: (error: Error | null) => void): unknown };
  write(bytes: Buffer): Promise<void>;
  drain(): Promise<void>;
  update(options: { baudRate: number }): Promise<void>;
  close(): Promise<void>;
}

/**
 * A serial port below serialport's stream: the stream wakes for every few bytes that trickle in (15 to 39 ms of CPU for one long
 * answer), while here the reader decides when to look.
 */
export class SerialPortHandle {
  readonly #open: (settings: SerialSettings) => Promise<Binding>;
  #binding: Binding;
  #settings: SerialSettings;
  #onReadable: (() => void) | undefined;
  #polling = false;
  #closed = false;

  constructor(binding: Binding, settings: SerialSettings, open: (settings: SerialSettings) => Promise<Binding>) {
    this.#binding = binding;
    this.#settings = settings;
    this.#open = open;
  }

  /** Resolves once what was written has left the machine. */
  async drain(): Promise<void> {
    await this.#binding.drain().catch((cause: unknown) => {
      throw new Fault('line-closed', undefined, { cause });
    });
  }

  /** Whatever still waits, in or out, is thrown away. Speed changes in place; for other bits and parity the binding knows no way but to open the port anew. Throws line-closed. */
  async retune(to: SerialSettings): Promise<void> {
    const { dataBits, parity, stopBits } = this.#settings;
    const onlySpeed = dataBits === to.dataBits && parity === to.parity && stopBits === to.stopBits;
    try {
      if (onlySpeed) await this.#binding.update({ baudRate: to.baudRate });
      else await this.#reopen(to);
      this.#settings = to;
    } catch (cause) {
      throw new Fault('line-closed', 'the port cannot be set anew', { cause });
    }
  }

  async #reopen(to: SerialSettings): Promise<void> {
    await this.#binding.close();
    this.#polling = false;
    const binding = await this.#open(to);
    if (this.#closed) await binding.close();
    else this.#binding = binding;
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
      // A request fits into the kernel's buffer, and the way over another thread would cost a fast line a hundredth of its time.
      const done = this.#writeNow(bytes);
      if (done === bytes.length) return;
      await this.#binding.write(Buffer.from(bytes.buffer, bytes.byteOffset + done, bytes.byteLength - done));
    } catch (cause) {
      throw new Fault('line-closed', undefined, { cause });
    }
  }

  #writeNow(bytes: Uint8Array): number {
    const { fd } = this.#binding;
    try {
      return fd === null ? 0 : writeSync(fd, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#binding.fd === null) return;
    await this.#binding.close().catch(() => {});
  }
}

/** Rejects with port-missing, port-denied or port-busy. */
export async function openSerialPort(path: string, settings: SerialSettings): Promise<SerialPortHandle> {
  await checkPath(path);
  // Loaded late: a gateway without serial lines need not load the native part.
  const { SerialPort } = await import('serialport');
  const open = async (to: SerialSettings) => {
    const binding = await SerialPort.binding.open({ path, ...to, lock: true });
    if (!('poller' in binding)) throw new Fault('port-missing', 'serial ports work on Linux and macOS only');
    return binding as unknown as Binding;
  };
  try {
    return new SerialPortHandle(await open(settings), settings, open);
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

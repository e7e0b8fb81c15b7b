import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { packageRoot } from '../../core/package-root.ts';
import { shell } from './shell.ts';

/** What the line does to each packet, each way. Left out: nothing. */
export interface LineState {
  /** Share of packets that vanish. */
  readonly loss?: number;
  readonly delayMs?: number;
  readonly bitsPerSecond?: number;
  readonly cut?: boolean;
}

let made = 0;

/**
 * A network namespace whose only way out is a line that drops, delays and paces packets: TUN devices and a relay in user
 * space, which needs no kernel module. Both ends run the kernel's own TCP.
 */
export class BadLink {
  readonly namespace: string;
  /** Of this machine's end: where the namespace finds the hub. */
  readonly near: string;
  readonly #far: string;
  #relay: ChildProcess | undefined;
  #replies: Interface | undefined;
  /** Of the reply that is waited for. */
  #fail: (error: Error) => void = () => {};

  private constructor() {
    made += 1;
    this.namespace = `sluice-${process.pid}-${made}`;
    // Of 198.18.0.0/15, which is kept for tests of networks [RFC 2544]; apart for each run on this machine.
    const place = (process.pid * 16 + made) % 32_000;
    this.near = `198.18.${place >> 7}.${(place & 127) * 2}`;
    this.#far = `198.18.${place >> 7}.${(place & 127) * 2 + 1}`;
  }

  static async open(seed: number): Promise<BadLink> {
    const link = new BadLink();
    await shell('ip', 'netns', 'add', link.namespace);
    try {
      await shell('ip', '-n', link.namespace, 'link', 'set', 'lo', 'up');
      await link.#start();
      await link.#tell({ seed });
      return link;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  /** What a command needs in front of it to run behind the line. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace];
  }

  /** From now on. Resolves to the packets that passed and that were dropped so far. */
  async set(state: LineState): Promise<{ passed: number; dropped: number }> {
    const { loss = 0, delayMs = 0, bitsPerSecond = 0, cut = false } = state;
    const reply = await this.#tell({ loss, delay: delayMs / 1000, rate: bitsPerSecond / 8, cut });
    return { passed: 0, dropped: 0, ...(JSON.parse(reply) as object) };
  }

  async close(): Promise<void> {
    this.#relay?.kill('SIGKILL');
    await shell('ip', 'netns', 'del', this.namespace);
  }

  async #start(): Promise<void> {
    const script = join(packageRoot, 'test/faults/bad-link.py');
    const relay = spawn('python3', [script, '', this.near, this.namespace, this.#far], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#relay = relay;
    relay.once('exit', (code) => this.#fail(new Error(`the relay of the line ended with ${code}`)));
    this.#replies = createInterface({ input: relay.stdout });
    await this.#reply();
  }

  #tell(command: object): Promise<string> {
    const reply = this.#reply();
    this.#relay?.stdin?.write(`${JSON.stringify(command)}\n`);
    return reply;
  }

  #reply(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#replies?.once('line', resolve);
    });
  }
}

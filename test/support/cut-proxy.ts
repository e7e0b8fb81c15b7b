import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP link that can be cut, restored, delayed and frozen. */
export class CutProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #target: { host: string; port: number };
  #isCut = false;
  #delayMs = 0;
  #isFrozen = false;
  connections = 0;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (near) => this.#join(near));
  }

  static async start(target: { host: string; port: number }): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** The far end has moved, as after a restart. */
  retarget(port: number): void {
    this.#target = { ...this.#target, port };
  }

  /** Ends every connection and takes no new one. */
  cut(): void {
    this.#isCut = true;
    this.kill();
  }

  restore(): void {
    this.#isCut = false;
  }

  /** Ends every connection; new ones are taken. */
  kill(): void {
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  /** Each way; for connections and bytes from now on. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Connections stay open and nothing passes: a cable pulled out beyond a switch. */
  freeze(): void {
    this.#isFrozen = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** New connections pass again; what froze stays frozen. */
  thaw(): void {
    this.#isFrozen = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket): void {
    if (this.#isCut || this.#isFrozen) {
      near.destroy();
      return;
    }
    this.connections++;
    const far = connect({ ...this.#target, noDelay: true });
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    this.#carry(near, far);
    this.#carry(far, near);
    near.once('close', () => this.#pairs.delete(pair));
  }

  #carry(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (this.#delayMs === 0) {
        if (!to.write(chunk)) from.pause();
      } else setTimeout(() => to.write(chunk), this.#delayMs);
    });
    to.on('drain', () => {
      if (!from.destroyed && from.isPaused() && !this.#isFrozen) from.resume();
    });
    from.on('error', () => {});
    from.once('close', () => to.destroy());
  }
}

import type { Link, LinkOptions } from '../../cloud-sync/edge-hub/link.ts';
import type { DownKind, UpKind } from '../../cloud-sync/protocol/topics.ts';
import { Fault } from '../../core/faults.ts';
import type { SimProcess, SimTime } from './sim-time.ts';

type Random = () => number;

/** What the network does to messages. Loss, copies and disorder are what brokers in the middle add to TCP. */
export interface NetworkFaults {
  /** No way through; connections that stand are not told. */
  partitioned: boolean;
  latencyMs: number;
  /** Shares of messages. */
  lost: number;
  doubled: number;
  disordered: number;
}

/** The hub as the network sees it. */
export interface Far {
  readonly process: SimProcess;
  connected(gateway: string): void;
  disconnected(gateway: string, replaced: boolean): void;
  receive(gateway: string, kind: UpKind, payload: Buffer): void;
}

interface Connection {
  readonly gateway: string;
  readonly near: SimProcess;
  readonly far: Far;
  readonly options: LinkOptions;
  open: boolean;
  /** Nothing overtakes what was sent before it, unless disorder is asked for. */
  upAt: number;
  downAt: number;
}

const KEEP_ALIVE_MS = 45_000;

/** Connections between gateways and the hub: a newcomer of the same name puts the one before out. */
export class SimNetwork {
  readonly faults: NetworkFaults = { partitioned: false, latencyMs: 20, lost: 0, doubled: 0, disordered: 0 };
  readonly #time: SimTime;
  readonly #random: Random;
  readonly #connections = new Map<string, Connection>();
  #far: Far | undefined;

  constructor(time: SimTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** A hub has begun, or ended. */
  serve(far: Far | undefined): void {
    for (const connection of this.#connections.values()) this.#close(connection);
    this.#far = far;
  }

  /** `connect` of one gateway process. */
  connector(near: SimProcess): (options: LinkOptions) => Promise<Link> {
    return async (options) => {
      await this.#time.sleep(near, 3 * this.#delay());
      const far = this.#far;
      if (far === undefined || !far.process.alive || this.faults.partitioned) {
        throw new Fault('hub-unreachable', 'simulated');
      }
      return this.#connect(near, far, options);
    };
  }

  /** From the hub to a gateway. */
  send(gateway: string, kind: DownKind, payload: Buffer): void {
    const connection = this.#connections.get(gateway);
    if (connection === undefined) return;
    this.#carry(connection, 'downAt', connection.near, () => connection.options.onMessage(kind, Buffer.from(payload)));
  }

  /** Ends every connection, as a cut that both sides notice. */
  cut(): void {
    for (const connection of [...this.#connections.values()]) this.#close(connection);
  }

  /** The gateway's process is gone: so is its socket. */
  killed(near: SimProcess): void {
    for (const connection of [...this.#connections.values()]) if (connection.near === near) this.#close(connection);
  }

  #connect(near: SimProcess, far: Far, options: LinkOptions): Link {
    const { gateway } = options;
    const before = this.#connections.get(gateway);
    if (before) this.#close(before, true);
    const connection: Connection = { gateway, near, far, options, open: true, upAt: 0, downAt: 0 };
    this.#connections.set(gateway, connection);
    far.connected(gateway);
    this.#keepAlive(connection);
    return {
      publish: (kind, payload) => {
        const copy = Buffer.from(payload);
        this.#carry(connection, 'upAt', far.process, () => far.receive(gateway, kind, copy));
      },
      unsentBytes: 0,
      end: () => this.#close(connection),
    };
  }

  /** A connection over which nothing gets through is noticed in the end. */
  #keepAlive(connection: Connection): void {
    let silent = 0;
    const look = () => {
      if (!connection.open) return;
      silent = this.faults.partitioned ? silent + 5000 : 0;
      if (silent > KEEP_ALIVE_MS) this.#close(connection);
      else this.#time.after(connection.near, 5000, look);
    };
    this.#time.after(connection.near, 5000, look);
  }

  #carry(connection: Connection, lane: 'upAt' | 'downAt', to: SimProcess, deliver: () => void): void {
    if (!connection.open || this.faults.partitioned || this.#random() < this.faults.lost) return;
    const copies = this.#random() < this.faults.doubled ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      let at = this.#time.ticks + this.#delay();
      if (this.#random() >= this.faults.disordered) {
        at = Math.max(at, connection[lane]);
        connection[lane] = at;
      }
      this.#time.after(to, at - this.#time.ticks, () => {
        if (connection.open) deliver();
      });
    }
  }

  #close(connection: Connection, replaced = false): void {
    if (!connection.open) return;
    connection.open = false;
    if (this.#connections.get(connection.gateway) === connection) {
      this.#connections.delete(connection.gateway);
      if (connection.far.process.alive) connection.far.disconnected(connection.gateway, replaced);
    }
    this.#time.after(connection.near, 1, () => connection.options.onClosed(new Fault('hub-unreachable', 'simulated')));
  }

  #delay(): number {
    return this.faults.latencyMs * (0.5 + this.#random());
  }
}

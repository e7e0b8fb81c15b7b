import { randomBytes } from 'node:crypto';
import type { Command, Result } from '../../cloud-sync/protocol/downlink.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';

/** What a gateway is asked to do at once, and how far it is. */
export interface Order {
  readonly id: string;
  readonly gateway: GatewayId;
  readonly kind: string;
  readonly by: string;
  readonly givenAt: UnixMs;
  /** `sent`: no answer yet. */
  readonly state: 'sent' | Result['state'];
  readonly code?: Result['code'];
  readonly detail?: string | undefined;
  readonly progress?: Result['progress'];
  readonly body?: unknown;
}

export interface OrdersDeps {
  readonly isThere: (gateway: GatewayId) => boolean;
  readonly clock: Clock;
}

/** After this nobody asks what came of it. */
const FORGET_MS = 3_600_000;
const MOST_ORDERS = 200;
/** Until a gateway has it, on a slow link. */
const EXPIRES_MS = 30_000;

/**
 * Orders that make sense only while somebody looks on, such as a scan: they are not sent again, and end with the session. What must outlive
 * it is kept elsewhere.
 */
export class Orders {
  readonly #deps: OrdersDeps;
  readonly #orders = new Map<string, Order>();

  constructor(deps: OrdersDeps) {
    this.#deps = deps;
  }

  /** To be sent with `command`. */
  open(gateway: GatewayId, kind: string, by: string, more: object): Command {
    const { clock } = this.#deps;
    this.#forget();
    const givenAt = clock.now();
    const id = randomBytes(9).toString('base64url');
    this.#orders.set(id, { id, gateway, kind, by, givenAt, state: 'sent' });
    return { ...more, id, kind, by, expires: givenAt + EXPIRES_MS };
  }

  /** It could not be sent. */
  drop(id: string): void {
    this.#orders.delete(id);
  }

  /** Only the gateway that was asked answers; what has ended stays as it is. */
  answered(gateway: GatewayId, { id, ...result }: Result): void {
    const order = this.#orders.get(id);
    if (order?.gateway !== gateway || isOver(order)) return;
    this.#orders.set(id, { ...order, ...result, body: result.body ?? order.body });
  }

  /** Throws Fault not-found. */
  find(gateway: GatewayId, id: string): Order {
    const order = this.#orders.get(id);
    if (order?.gateway !== gateway) throw new Fault('not-found', `order ${id}`);
    if (isOver(order)) return order;
    const isLate = order.state === 'sent' && this.#deps.clock.now() - order.givenAt > EXPIRES_MS;
    if (this.#deps.isThere(gateway) && !isLate) return order;
    const lost: Order = { ...order, state: 'failed', code: isLate ? 'request-expired' : 'gateway-away' };
    this.#orders.set(id, lost);
    return lost;
  }

  #forget(): void {
    const since = this.#deps.clock.now() - FORGET_MS;
    for (const [id, { givenAt }] of this.#orders)
      if (givenAt < since || this.#orders.size >= MOST_ORDERS) this.#orders.delete(id);
  }
}

function isOver({ state }: Order): boolean {
  return state !== 'sent' && state !== 'running';
}

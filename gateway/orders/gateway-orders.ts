import { z } from 'zod';
import type { Command, Result } from '../../cloud-sync/protocol/downlink.ts';
import { isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { aborted, type Service } from '../../core/service.ts';
import type { PlantRules } from '../settings.ts';
import type { LineDeps } from './line-work.ts';
import { portsOrder } from './ports-order.ts';
import { readOrder } from './read-order.ts';
import { scanOrder } from './scan-order.ts';

export interface OrderDeps extends LineDeps {
  /** By which a line or device that is not configured is checked. */
  readonly rules: PlantRules;
  readonly log: Log;
}

/** One order under way. */
export interface OrderRun {
  readonly command: Command;
  readonly deps: OrderDeps;
  readonly signal: AbortSignal;
  readonly progress: (progress: NonNullable<Result['progress']>, body: unknown) => void;
}

/** Answers with what is shown of it. */
type Work = (run: OrderRun) => Promise<unknown>;

const KINDS: Readonly<Record<string, Work>> = {
  ports: portsOrder,
  scan: scanOrder,
  read: readOrder,
};

const cancelSchema = z.object({ order: z.string() });
/** How often somebody who looks on is told. */
const TELL_EVERY_MS = 400;
const MOST_DETAIL = 2000;

/** Does at once what the hub asks for while somebody looks on: nothing of it is kept, and it ends with the gateway. */
export class GatewayOrders implements Service {
  readonly name = 'orders';
  readonly #deps: OrderDeps;
  /** One of a kind at a time. */
  readonly #running = new Map<
    string,
    { readonly id: string; readonly stop: AbortController; readonly done: Promise<void> }
  >();

  constructor(deps: OrderDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    await aborted(signal);
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  take(command: Command, answer: (result: Result) => void): void {
    const { id, kind } = command;
    const work = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    if (kind === 'cancel') this.#cancel(command, answer);
    else if (work === undefined) answer({ id, state: 'refused', code: 'request-unknown', detail: kind });
    else if (this.#running.has(kind)) answer({ id, state: 'refused', code: 'request-busy' });
    else this.#begin(work, command, answer);
  }

  #begin(work: Work, command: Command, answer: (result: Result) => void): void {
    const { id, kind, by } = command;
    const { log } = this.#deps;
    log.info({ id, kind, by }, 'ordered');
    const stop = new AbortController();
    const run = { command, deps: this.#deps, signal: stop.signal, progress: this.#teller(id, answer) };
    const done = this.#run(work, run).then((result) => {
      this.#running.delete(kind);
      log.info({ id, kind, state: result.state, code: result.code }, 'the order is over');
      answer(result);
    });
    this.#running.set(kind, { id, stop, done });
  }

  #cancel(command: Command, answer: (result: Result) => void): void {
    const order = cancelSchema.safeParse(command).data?.order;
    for (const { id, stop } of this.#running.values()) if (id === order) stop.abort();
    answer({ id: command.id, state: 'done' });
  }

  async #run(work: Work, run: OrderRun): Promise<Result> {
    const { id } = run.command;
    try {
      return { id, state: 'done', body: await work(run) };
    } catch (error) {
      if (run.signal.aborted) return { id, state: 'cancelled' };
      if (error instanceof z.ZodError)
        return { id, state: 'refused', code: 'request-invalid', detail: z.prettifyError(error).slice(0, MOST_DETAIL) };
      if (isFault(error)) return { id, state: 'failed', code: error.code, detail: error.message.slice(0, MOST_DETAIL) };
      run.deps.log.error({ err: error, id }, 'an order failed');
      return { id, state: 'failed', detail: 'the log of the gateway says why' };
    }
  }

  #teller(id: string, answer: (result: Result) => void): OrderRun['progress'] {
    const { clock } = this.#deps;
    let told = Number.NEGATIVE_INFINITY;
    return (progress, body) => {
      if (clock.ticks() - told < TELL_EVERY_MS) return;
      told = clock.ticks();
      answer({ id, state: 'running', progress, body });
    };
  }
}

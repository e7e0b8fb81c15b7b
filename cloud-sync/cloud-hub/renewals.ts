import { isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { encodeMessage, parseMessage } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import { renewSchema } from '../protocol/renewal.ts';
import type { DownKind } from '../protocol/topics.ts';
import type { Enrolment } from './enrolment.ts';
import type { Peer } from './gateway-stream.ts';

export interface RenewalsOptions {
  readonly enrolment: Pick<Enrolment, 'renew'>;
  readonly send: (gateway: GatewayId, kind: DownKind, payload: Buffer) => void;
  readonly log: Log;
}

/** Answers gateways that ask for their next certificate. */
export class Renewals {
  readonly #options: RenewalsOptions;

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** The gateway is not held back meanwhile: its readings come on. */
  asked(peer: Peer, payload: Buffer): undefined {
    const asked = parseMessage(renewSchema, payload);
    if (asked) void this.#answer(peer, asked);
    else this.#options.log.warn({ gateway: peer.gateway }, 'a request for a certificate breaks its schema');
    return undefined;
  }

  async #answer(peer: Peer, { id, csr }: { readonly id: string; readonly csr: string }): Promise<void> {
    const { enrolment, send, log } = this.#options;
    const { gateway } = peer;
    try {
      const issued = await enrolment.renew(peer, csr);
      log.info({ gateway }, 'has a new certificate');
      send(gateway, 'certificate', encodeMessage({ id, ...issued }));
    } catch (error) {
      log.warn({ gateway, error: String(error) }, 'gets no new certificate');
      // What is not the gateway's fault it asks for again without being told.
      if (isFault(error)) send(gateway, 'certificate', encodeMessage({ id, code: error.code, detail: error.message }));
    }
  }
}

import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { GATEWAY_ID } from '../../core/reading.ts';
import { formatToken, type JoinToken, parseToken } from '../protocol/join-token.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { EnrolmentStore, StoredToken } from './archive.ts';
import { Attempts } from './attempts.ts';
import type { Ca } from './ca.ts';
import type { Peer } from './gateway-stream.ts';

export interface JoinRequest {
  readonly token: string;
  readonly id: string;
  /** PEM. */
  readonly csr: string;
  /** Who asks, for the limit of attempts. */
  readonly address?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Admits gateways: tokens that are good once, certificates in exchange for them, and those that follow. */
export class Enrolment {
  readonly #ca: Ca;
  readonly #store: EnrolmentStore;
  readonly #clock: Clock;
  readonly #attempts = new Attempts({ windowMs: MINUTE_MS, most: 120, mostEach: 20 });
  readonly #renewals = new Attempts({ windowMs: HOUR_MS, most: 20_000, mostEach: 6 });
  #last: Promise<unknown> = Promise.resolve();

  constructor(ca: Ca, store: EnrolmentStore, clock: Clock) {
    this.#ca = ca;
    this.#store = store;
    this.#clock = clock;
  }

  /** The token's text, shown once: only its hash is kept. */
  async createToken({ gateway, ttlMs }: { gateway?: GatewayId; ttlMs: number }): Promise<string> {
    if (gateway !== undefined && !GATEWAY_ID.test(gateway)) throw new Fault('usage', `${gateway} is no gateway id`);
    const secret = randomBytes(24).toString('base64url');
    const expires = this.#clock.now() + ttlMs;
    await this.#store.addToken({ hash: hashSecret(secret), expires, ...(gateway ? { gateway } : {}) });
    return formatToken({ fingerprint: this.#ca.fingerprint, secret, ...(gateway ? { gateway } : {}) });
  }

  /**
   * Burns the token and answers with a certificate, both or neither.
   * @throws Fault token-refused, csr-refused
   */
  join(request: JoinRequest): Promise<{ readonly certificate: string; readonly ca: string }> {
    // One after the other: two tokens must not admit the same new id at once.
    const answer = this.#last.then(() => this.#attempt(request));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** What is refused counts: a fleet that joins from one address with good tokens is no flood. */
  async #attempt(request: JoinRequest): Promise<{ certificate: string; ca: string }> {
    const { address = '' } = request;
    if (this.#attempts.isSpent(this.#clock.ticks(), address))
      throw new Fault('token-refused', 'too many attempts; wait a minute');
    try {
      return await this.#join(request);
    } catch (error) {
      this.#attempts.take(this.#clock.ticks(), address);
      throw error;
    }
  }

  async #join({ token: text, id, csr }: JoinRequest): Promise<{ certificate: string; ca: string }> {
    const token = parseToken(text);
    if (!token || token.fingerprint !== this.#ca.fingerprint) throw new Fault('token-refused');
    const hash = hashSecret(token.secret);
    await this.#check(token, await this.#store.findToken(hash), id);
    const { pem, record } = await this.#ca.issueGateway(id, csr);
    if (await this.#store.isKeyRevoked(record.key)) throw new Fault('csr-refused', 'this key was revoked');
    if (!(await this.#store.enrol(hash, record))) throw new Fault('token-refused');
    return { certificate: pem, ca: this.#ca.trusted };
  }

  /**
   * A certificate that follows the one the gateway is connected with.
   * @throws Fault csr-refused, renewal-refused
   */
  async renew(peer: Peer, csr: string): Promise<{ readonly certificate: string; readonly ca: string }> {
    if (!this.#renewals.take(this.#clock.ticks(), peer.gateway)) throw new Fault('renewal-refused', 'too many at once');
    const { pem, record } = await this.#ca.issueGateway(peer.gateway, csr);
    if (!(await this.#store.renew(peer, record))) throw new Fault('renewal-refused', 'revoked');
    return { certificate: pem, ca: this.#ca.trusted };
  }

  async #check(token: JoinToken, stored: StoredToken | undefined, id: string): Promise<void> {
    const fits = stored !== undefined && stored.expires > this.#clock.now() && stored.gateway === token.gateway;
    if (!fits || !GATEWAY_ID.test(id)) throw new Fault('token-refused');
    const admitted = stored.gateway === undefined ? !(await this.#store.isEnrolled(id)) : stored.gateway === id;
    if (!admitted) throw new Fault('token-refused');
  }
}

/** Secrets are 192 random bits: a plain hash is enough, and looking it up tells nobody anything. */
function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

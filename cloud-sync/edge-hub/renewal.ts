import { randomBytes, X509Certificate } from 'node:crypto';
import { instant } from '../../core/clock.ts';
import type { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { UnixMs } from '../../core/reading.ts';
import { encodeMessage, parseMessage } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import { certificateSchema } from '../protocol/renewal.ts';
import { createRequest } from './certificate-request.ts';
import { checkCertificate } from './check-certificate.ts';
import type { Identity } from './identity.ts';

export interface RenewalOptions {
  readonly gateway: GatewayId;
  readonly identity: Identity;
  /** The one before it, should the hub not take the newest. */
  readonly previous?: Identity | undefined;
  /** Keeps it for the next start, all or nothing. Left out: for this run alone. */
  readonly save?: ((identity: Identity) => Promise<void>) | undefined;
  readonly log: Log;
}

export interface RenewalMoment {
  readonly hubNow: UnixMs;
  /** The hub wants every certificate that began before this to be followed. */
  readonly before: UnixMs;
  readonly ticks: number;
}

/** A certificate is followed by the next when this share of its life is over. */
const DUE_SHARE = 2 / 3;
/** And then within this share of it, so that a fleet which joined in one hour does not come back in one. */
const JITTER_SHARE = 1 / 12;
/** An answer that got lost is asked for again after this long. */
const AGAIN_MS = 3_600_000;

/** Keeps the gateway's certificate young: asks for the next within a session, and falls back on the old one if the hub refuses it. */
export class Renewal {
  readonly #options: RenewalOptions;
  #current: Identity;
  #other: Identity | undefined;
  #asked: { readonly id: string; readonly key: string; readonly ticks: number } | undefined;
  #isMaking = false;
  /** Of the current certificate. */
  #read: { readonly dueAt: UnixMs; readonly begin: UnixMs } | undefined;

  constructor(options: RenewalOptions) {
    this.#options = options;
    this.#current = options.identity;
    this.#other = options.previous;
  }

  /** For the next connection. */
  get identity(): Identity {
    return this.#current;
  }

  /** A connection has failed. Who is refused with one certificate tries the other, as long as that is good. */
  failed({ code }: Fault, now: UnixMs): void {
    if (code !== 'hub-refused' && code !== 'hub-untrusted') return;
    const other = this.#other;
    if (other === undefined || lifeOf(other.certificate).end <= now) return;
    this.#options.log.warn({ code }, 'the hub does not take this certificate: the other one is tried');
    this.#take(other);
  }

  /** In a session, now and then. Asks if it is time. */
  watch({ hubNow, before, ticks }: RenewalMoment, publish: (payload: Buffer) => void): void {
    if (this.#isMaking) return;
    // Read once, not each second.
    this.#read ??= { dueAt: renewAt(this.#current.certificate), begin: lifeOf(this.#current.certificate).begin };
    if (hubNow < this.#read.dueAt && this.#read.begin >= before) return;
    if (this.#asked && ticks - this.#asked.ticks < AGAIN_MS) return;
    this.#isMaking = true;
    createRequest(this.#options.gateway)
      .then(({ key, csr }) => {
        const id = randomBytes(12).toString('hex');
        this.#asked = { id, key, ticks };
        publish(encodeMessage({ id, csr }));
      })
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'no request for a certificate'))
      .finally(() => {
        this.#isMaking = false;
      });
  }

  /** True when there is a new certificate, to be proved by a new connection. */
  async answered(payload: Buffer): Promise<boolean> {
    const { gateway, save, log } = this.#options;
    const answer = parseMessage(certificateSchema, payload);
    const asked = this.#asked;
    if (answer === undefined || asked === undefined || answer.id !== asked.id) return false;
    const { certificate, ca = this.#current.ca, code, detail } = answer;
    if (certificate === undefined) {
      log.warn({ code, detail }, 'the hub gives no new certificate');
      return false;
    }
    // The hub proved itself by the CA it has: what it says of the next one, it says as itself.
    const next = { certificate, key: asked.key, ca };
    checkCertificate(certificate, { id: gateway, ...next });
    await save?.(next);
    this.#asked = undefined;
    this.#take(next);
    log.info({ until: lifeOf(certificate).end }, 'has a new certificate');
    return true;
  }

  #take(next: Identity): void {
    [this.#current, this.#other] = [next, this.#current];
    this.#read = undefined;
  }
}

interface Life {
  readonly begin: UnixMs;
  readonly end: UnixMs;
}

function lifeOf(pem: string): Life {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { begin: instant(validFrom).getTime(), end: instant(validTo).getTime() };
}

/** Unix ms, hub's clock. The same for one certificate however often the gateway starts. */
export function renewAt(pem: string): UnixMs {
  const { begin, end } = lifeOf(pem);
  const chance = Number.parseInt(new X509Certificate(pem).fingerprint256.slice(0, 5).replace(':', ''), 16) / 0x1_0000;
  return begin + (end - begin) * (DUE_SHARE + chance * JITTER_SHARE);
}

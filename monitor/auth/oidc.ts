import { readFile } from 'node:fs/promises';
import * as client from 'openid-client';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { checkSecret } from '../../core/secret-folder.ts';
import type { Access } from './access.ts';
import { whoIs } from './claims.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { newSecret, sha256 } from './secret.ts';

/** How long somebody may take at the provider's page. */
export const TICKET_MS = 10 * 60_000;
const MOST_TICKETS = 1000;
const TIMEOUT_S = 10;

interface Ticket {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly until: number;
}

export interface Vouched extends Access {
  readonly name: string;
  /** Who it is at the provider, for good. */
  readonly subject: string;
}

/** Single sign-on: OpenID Connect, authorization code with PKCE, state and nonce [RFC 6749, RFC 7636, OpenID Connect Core]. */
export class Oidc {
  readonly #settings: OidcSettings;
  readonly #secret: string | undefined;
  readonly #clock: Clock;
  readonly #tickets = new Map<string, Ticket>();
  #found: client.Configuration | undefined;

  private constructor(settings: OidcSettings, secret: string | undefined, clock: Clock) {
    this.#settings = settings;
    this.#secret = secret;
    this.#clock = clock;
  }

  /** The provider is looked for when somebody comes: a hub starts without it. Throws Fault file-missing, key-exposed. */
  static async open(settings: OidcSettings, clock: Clock): Promise<Oidc> {
    const { clientSecretFile: file } = settings;
    return new Oidc(settings, file === undefined ? undefined : await readSecret(file), clock);
  }

  get name(): string {
    return this.#settings.title;
  }

  /** Where to send the browser, and the ticket that it must bring back. Throws Fault sso-unreachable. */
  async begin(redirectUri: string): Promise<{ readonly url: URL; readonly ticket: string }> {
    const config = await this.#provider();
    const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
    const ticket = newSecret();
    this.#tickets.set(sha256(ticket), { state, nonce, verifier, redirectUri, until: this.#clock.ticks() + TICKET_MS });
    const oldest = this.#tickets.keys().next();
    if (this.#tickets.size > MOST_TICKETS && !oldest.done) this.#tickets.delete(oldest.value);
    const url = client.buildAuthorizationUrl(config, {
      ...{ redirect_uri: redirectUri, scope: this.#settings.scope, state, nonce },
      ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
    });
    return { url, ticket };
  }

  /** Who came back; `query` is what the provider sent along. A ticket is good once. Throws Fault sso-refused, sso-unreachable. */
  async finish(ticket: string, query: string): Promise<Vouched> {
    const key = sha256(ticket);
    const held = this.#tickets.get(key);
    this.#tickets.delete(key);
    if (!held || this.#clock.ticks() >= held.until)
      throw new Fault('sso-refused', 'this browser did not begin here, or took too long');
    const config = await this.#provider();
    const claims = await this.#claims(config, held, new URL(query, held.redirectUri));
    return { ...whoIs(claims, this.#settings), subject: claims.sub };
  }

  async #claims(config: client.Configuration, { verifier, state, nonce }: Ticket, url: URL): Promise<client.IDToken> {
    try {
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
      const claims = (await client.authorizationCodeGrant(config, url, checks)).claims();
      if (claims) return claims;
    } catch (cause) {
      throw new Fault('sso-refused', reasonOf(cause), { cause });
    }
    throw new Fault('sso-refused', 'the provider sent no ID token');
  }

  async #provider(): Promise<client.Configuration> {
    if (this.#found) return this.#found;
    const { issuer, clientId } = this.#settings;
    const url = new URL(issuer);
    const auth = this.#secret === undefined ? client.None() : client.ClientSecretBasic(this.#secret);
    try {
      const config = await client.discovery(url, clientId, undefined, auth, {
        timeout: TIMEOUT_S,
        // The ID token's signature is checked too, although it came over TLS from the provider itself.
        execute: [
          client.enableNonRepudiationChecks,
          ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : []),
        ],
      });
      this.#found = config;
      return config;
    } catch (cause) {
      throw new Fault('sso-unreachable', `${issuer} (${reasonOf(cause)})`, { cause });
    }
  }
}

async function readSecret(file: string): Promise<string> {
  try {
    await checkSecret(file);
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('file-missing', file, { cause });
  }
}

/** The library's own words and the provider's; neither holds a secret. */
function reasonOf(error: unknown): string {
  const { message, error: code, error_description: told, cause } = error as Partial<client.ResponseBodyError>;
  const inner = cause instanceof Error ? cause.message : undefined;
  const parts = [message, code, told, inner].filter((part) => typeof part === 'string' && part !== '');
  return parts.join(': ').slice(0, 300);
}

import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const CLIENT = 'sluice';
const SECRET = 'client-secret-of-the-test';
const KEY_ID = 'k1';

/** What goes wrong at the provider, or on the way. */
export interface Wrongs {
  readonly nonce?: string;
  readonly audience?: string;
  readonly issuer?: string;
  readonly signedByAnother?: boolean;
  readonly expired?: boolean;
}

interface Grant {
  readonly challenge: string;
  readonly nonce: string;
  readonly redirectUri: string;
}

/**
 * A provider of OpenID Connect as far as a client can tell: discovery, authorization code with PKCE (S256), token, keys
 * [OpenID Connect Core 1.0, Discovery 1.0, RFC 6749, RFC 7636]. Whoever comes is logged in as `claims` says.
 */
export class OidcProvider {
  readonly clientId = CLIENT;
  readonly secret = SECRET;
  claims: Readonly<Record<string, unknown>> = {};
  wrongs: Wrongs = {};
  issuer = '';
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #others = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #grants = new Map<string, Grant>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  static async start(): Promise<OidcProvider> {
    const provider = new OidcProvider();
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    provider.issuer = `http://127.0.0.1:${(provider.#server.address() as AddressInfo).port}`;
    return provider;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    const json = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration') return void json(this.#description());
    if (url.pathname === '/keys') {
      const key = this.#keys.publicKey.export({ format: 'jwk' });
      return void json({ keys: [{ ...key, kid: KEY_ID, alg: 'RS256', use: 'sig' }] });
    }
    if (url.pathname === '/authorize') return this.#authorize(url.searchParams, response);
    if (url.pathname === '/token') {
      const refused = (error: string) => void json({ error }, 400);
      return this.#token(request, refused, (body) => void json(body));
    }
    response.writeHead(404).end();
  }

  #description(): object {
    const at = (path: string) => `${this.issuer}${path}`;
    return {
      ...{ issuer: this.issuer, authorization_endpoint: at('/authorize'), token_endpoint: at('/token') },
      ...{ jwks_uri: at('/keys'), response_types_supported: ['code'], subject_types_supported: ['public'] },
      ...{ id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'] },
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
    };
  }

  #authorize(query: URLSearchParams, response: ServerResponse): void {
    const need = (name: string) => query.get(name) ?? '';
    if (need('client_id') !== CLIENT || need('response_type') !== 'code' || need('code_challenge_method') !== 'S256')
      return void response.writeHead(400).end();
    const code = randomBytes(16).toString('hex');
    const redirectUri = need('redirect_uri');
    this.#grants.set(code, { challenge: need('code_challenge'), nonce: need('nonce'), redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', need('state'));
    response.writeHead(302, { location: back.href }).end();
  }

  async #token(request: IncomingMessage, refused: (why: string) => void, granted: (body: object) => void) {
    let text = '';
    for await (const part of request) text += String(part);
    const form = new URLSearchParams(text);
    const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    // Both parts come form-encoded [RFC 6749, 2.3.1].
    if (decodeURIComponent(given) !== `${CLIENT}:${SECRET}`) return refused('invalid_client');
    const code = form.get('code') ?? '';
    const grant = this.#grants.get(code);
    this.#grants.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant?.challenge !== challenge || grant.redirectUri !== form.get('redirect_uri'))
      return refused('invalid_grant');
    const idToken = this.#idToken(grant.nonce);
    granted({ access_token: randomBytes(16).toString('hex'), token_type: 'Bearer', expires_in: 60, id_token: idToken });
  }

  #idToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1000);
    const { wrongs } = this;
    const payload = {
      ...{ iss: wrongs.issuer ?? this.issuer, aud: wrongs.audience ?? CLIENT, nonce: wrongs.nonce ?? nonce },
      ...{ iat: now - (wrongs.expired ? 7200 : 0), exp: now + (wrongs.expired ? -3600 : 300), ...this.claims },
    };
    return sign(payload, wrongs.signedByAnother ? this.#others.privateKey : this.#keys.privateKey);
  }
}

function sign(payload: object, key: KeyObject): string {
  const part = (body: object) => Buffer.from(JSON.stringify(body)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${part(payload)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key).toString('base64url')}`;
}

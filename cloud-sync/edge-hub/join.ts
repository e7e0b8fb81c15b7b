import { createHash, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import { makeDataDir } from '../../core/data-dir.ts';
import { FAULTS, Fault, type FaultCode } from '../../core/faults.ts';
import { GATEWAY_ID } from '../../core/reading.ts';
import { parseToken } from '../protocol/join-token.ts';
import { createRequest } from './certificate-request.ts';
import { checkCertificate } from './check-certificate.ts';
import { fetchText } from './fetch-text.ts';
import { saveIdentity } from './identity.ts';

export interface JoinOptions {
  /** The hub's page: `https://hub.example.com:8080`; http on this machine only. */
  readonly hub: string;
  readonly token: string;
  readonly id: string;
  readonly dataDir: string;
}

const answerSchema = z.object({
  certificate: z.string(),
  ca: z.string(),
  mqtt: z.object({ port: z.number().int().min(1).max(65_535) }).optional(),
});
const problemSchema = z.object({
  code: z.string().optional(),
  detail: z.string().optional(),
  title: z.string().optional(),
});

const DEFAULT_PORT = 8883;

/**
 * Makes a key that never leaves this machine and a certificate for it, and keeps both. Resolves with the `hub.url` to use.
 * @throws Fault usage, data-dir, token-refused, ca-mismatch, hub-unreachable, hub-untrusted
 */
export async function joinHub({ hub, token: text, id, dataDir }: JoinOptions): Promise<{ readonly url: string }> {
  const token = parseToken(text);
  if (token === undefined) throw new Fault('token-refused', 'this is not the text of a token');
  if (!GATEWAY_ID.test(id)) throw new Fault('usage', `${id} is no gateway id: a-z, 0-9 and -, at most 63`);
  if (token.gateway !== undefined && token.gateway !== id)
    throw new Fault('token-refused', `it is for ${token.gateway}`);
  const base = hubUrl(hub);

  const { text: ca } = await fetchText({ url: new URL('/api/v1/ca.crt', base) });
  if (fingerprintOf(ca) !== token.fingerprint) throw new Fault('ca-mismatch', base.origin);

  // A token is good once: it is not spent before the certificate has a place to go.
  await makeDataDir(dataDir);
  const { key, csr } = await createRequest(id);
  const url = new URL('/api/v1/join', base);
  // The page may have a certificate of the hub's CA or of a public one; the token has already told which hub it must be.
  const answered = await fetchText({ url, body: { token: text.trim(), id, csr }, ca: [ca, ...rootCertificates] });
  if (answered.status !== 200) throw refusal(answered);
  const answer = answerSchema.safeParse(parseJson(answered.text));
  if (!answer.success) throw new Fault('message-malformed', 'the answer to join');
  // While the hub's CA is being replaced, the answer has the next one too.
  const { certificate, ca: trusted, mqtt } = answer.data;
  checkCertificate(certificate, { id, key, ca: trusted });

  await saveIdentity(dataDir, { certificate, key, ca: trusted });
  return { url: `mqtts://${base.hostname}:${mqtt?.port ?? DEFAULT_PORT}` };
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function hubUrl(text: string): URL {
  if (!URL.canParse(text)) throw new Fault('usage', `${text} is no address such as https://hub.example.com:8080`);
  const url = new URL(text);
  const plain = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
  if (url.protocol !== 'https:' && !plain)
    throw new Fault('usage', `${text}: join needs https, except on this machine`);
  return url;
}

function fingerprintOf(pem: string): string | undefined {
  try {
    return createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal({ status, text }: { status: number; text: string }): Fault {
  const problem = problemSchema.safeParse(parseJson(text)).data;
  const code = problem?.code;
  if (code !== undefined && Object.hasOwn(FAULTS, code)) return new Fault(code as FaultCode, problem?.detail);
  return new Fault('token-refused', problem?.detail ?? problem?.title ?? `the hub answered ${status}`);
}

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { FAULTS, Fault, type FaultCode } from '../core/faults.ts';
import { readText } from '../core/settings.ts';
import type { ExportRequest } from '../monitor/control.ts';

export interface HubAddress {
  readonly hub: string;
  readonly key: string | undefined;
  /** File with the hub's CA certificate. */
  readonly ca: string | undefined;
}

/** A certificate whose issuer this machine does not know [node:tls, X509 error codes]. */
const UNPROVEN = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

const TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

/** History over the API, point after point, with one header line. */
export async function* exportOverHttp(address: HubAddress, request: ExportRequest): AsyncGenerator<Uint8Array, void> {
  const { format, from, to, numbers } = request;
  if (format === 'parquet') throw new Fault('usage', 'parquet needs --data: it is made on the hub’s machine');
  let first = true;
  for (const point of await expand(address, request.points)) {
    const query = new URLSearchParams({ point, from: String(from), to: String(to), numbers: String(numbers) });
    const answer = await get(address, `/api/v1/readings?${query}`, TYPES[format]);
    yield* first || format === 'ndjson' ? answer : withoutFirstLine(answer);
    first = false;
  }
}

async function expand(address: HubAddress, wanted: readonly string[]): Promise<readonly string[]> {
  if (!wanted.some((point) => point.includes('*'))) return wanted;
  let text = '';
  for await (const part of await get(address, '/api/v1/points', 'application/json')) text += String(part);
  const known = (JSON.parse(text) as { points: { id: string }[] }).points.map(({ id }) => id);
  return wanted.flatMap((point) => {
    const parts = point.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(`^${parts.join('.*')}$`);
    const found = known.filter((id) => pattern.test(id));
    if (found.length === 0) throw new Fault('not-found', `point ${point}`);
    return found;
  });
}

async function* withoutFirstLine(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let skipping = true;
  for await (const part of parts) {
    if (!skipping) {
      yield part;
      continue;
    }
    const end = part.indexOf(10);
    if (end < 0) continue;
    skipping = false;
    yield part.subarray(end + 1);
  }
}

async function get({ hub, key, ca }: HubAddress, path: string, accept: string): Promise<IncomingMessage> {
  if (!URL.canParse(path, hub))
    throw new Fault('usage', `--hub ${hub}: expected a URL such as https://hub.example.com`);
  const url = new URL(path, hub);
  const headers = { accept, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
  const tls = ca === undefined ? {} : { ca: await readText(ca) };
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = send(url, { headers, ...tls }, resolve);
    outgoing.on('error', (cause: NodeJS.ErrnoException) => {
      const detail = `${url.origin} (${cause.message})`;
      if (!UNPROVEN.has(cause.code ?? '')) reject(new Fault('hub-unreachable', detail, { cause }));
      else
        reject(
          new Fault('hub-untrusted', `${detail}; --ca names the hub's own CA, ca/ca.crt in its dataDir`, { cause }),
        );
    });
    outgoing.end();
  });
  if (response.statusCode === 200) return response;
  let text = '';
  for await (const part of response) text += String(part);
  throw problemOf(text, response.statusCode ?? 0);
}

function problemOf(text: string, status: number): Fault {
  try {
    const { code, detail } = JSON.parse(text) as { code?: string; detail?: string };
    if (code !== undefined && code in FAULTS) return new Fault(code as FaultCode, detail);
  } catch {
    // Not our hub's answer.
  }
  return new Fault('hub-refused', `HTTP ${status}`);
}

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { FAULTS, Fault, type FaultCode } from '../core/faults.ts';
import { readText } from '../core/settings.ts';
import type { ExportRequest } from '../monitor/export/request.ts';

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

/** History over the API, as the hub writes it; `rows` is how many to expect, if it says so. */
export async function exportOverHttp(
  address: HubAddress,
  request: ExportRequest,
): Promise<{ readonly rows: number | undefined; readonly parts: AsyncIterable<Uint8Array> }> {
  const { points, stepMs, agg, ...rest } = request;
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, String(value)]));
  for (const point of points) query.append('point', point);
  query.set('agg', agg.join(','));
  if (stepMs !== undefined) query.set('step', String(stepMs));
  const parts = await get(address, `/api/v1/export?${query}`, '*/*');
  const rows = Number(parts.headers['x-total-rows']);
  return { rows: Number.isSafeInteger(rows) ? rows : undefined, parts };
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
    if (code !== undefined && Object.hasOwn(FAULTS, code)) return new Fault(code as FaultCode, detail);
  } catch {
    // Not our hub's answer.
  }
  return new Fault('hub-refused', `HTTP ${status}`);
}

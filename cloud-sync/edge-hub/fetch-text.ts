import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Fault } from '../../core/faults.ts';

export interface TextRequest {
  readonly url: URL;
  /** Sent as JSON with POST; left out: GET. */
  readonly body?: object;
  /** CAs that may vouch for the hub. Left out: anyone may answer, and the answer is judged by what it says. */
  readonly ca?: readonly string[];
}

const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 15_000;

/** @throws Fault hub-unreachable, hub-untrusted */
export function fetchText({ url, body, ca }: TextRequest): Promise<{ readonly status: number; readonly text: string }> {
  const json = body === undefined ? undefined : JSON.stringify(body);
  const headers =
    json === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
  const options = { method: json === undefined ? 'GET' : 'POST', headers, timeout: TIMEOUT_MS, agent: false as const };
  const tls = ca === undefined ? { rejectUnauthorized: false } : { ca: [...ca] };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps(url, { ...options, ...tls }) : requestHttp(url, options);
    const fail = (cause: Error) => reject(faultOf(cause, url));
    request.on('error', fail);
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_ANSWER_BYTES) request.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', fail);
    });
    request.end(json);
  });
}

function faultOf(cause: Error & { code?: string }, url: URL): Fault {
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(cause.code ?? '');
  return new Fault(untrusted ? 'hub-untrusted' : 'hub-unreachable', `${url.origin} (${cause.message})`, { cause });
}

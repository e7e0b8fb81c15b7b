import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text and bytes as they are. */
  readonly body?: object | string | Buffer;
  /** An address of this machine to come from: loopback has many. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of a problem; empty for other answers. */
  readonly code: string;
}

const WITHIN_MS = 30_000;
/** How a connection ends that the other side ends. */
const ENDED = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'];

/**
 * A call whose every header is the attacker's own: `fetch` would put some right. Status 0: the hub ended the connection. Throws when there
 * is no answer at all, which is no refusal.
 */
export function ask(base: string, ca: string, path: string, options: Ask = {}): Promise<Answer> {
  const { hostname, port } = new URL(base);
  const { method = 'GET', headers = {}, body, from } = options;
  const bytes = bytesOf(body);
  const json = body !== undefined && typeof body === 'object' && !Buffer.isBuffer(body);
  const all = {
    ...(bytes ? { 'content-length': String(bytes.length) } : {}),
    ...(json ? { 'content-type': 'application/json' } : {}),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        hostname,
        port,
        path,
        method,
        headers: all,
        ca,
        agent: false,
        servername: 'localhost',
        ...(from ? { localAddress: from } : {}),
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', () => {});
        incoming.on('close', () => {
          const text = Buffer.concat(parts).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, code: codeOf(text) });
        });
      },
    );
    outgoing.setTimeout(WITHIN_MS, () => outgoing.destroy(new Error('nothing came')));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const { message } = error;
      if (ENDED.includes(error.code ?? '')) resolve({ status: 0, headers: {}, text: message, code: '' });
      else reject(new Error(`no answer to ${method} ${path.slice(0, 80)}: ${message}`, { cause: error }));
    });
    outgoing.end(bytes);
  });
}

export function shortly({ status, code, text }: Answer): string {
  if (status === 0) return 'the connection was ended';
  return `${status}${code === '' ? '' : ` ${code}`}${status >= 500 ? ` ${text.slice(0, 80)}` : ''}`;
}

function bytesOf(body: Ask['body']): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function codeOf(text: string): string {
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return typeof code === 'string' ? code : '';
  } catch {
    return '';
  }
}

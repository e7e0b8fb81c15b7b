import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../core/log.ts';
import { METRICS_CONTENT_TYPE, type Metrics } from '../core/metrics.ts';
import { http } from '../core/node-http.ts';
import { type Progress, stalled } from '../core/progress.ts';
import { aborted, type Service } from '../core/service.ts';
import { listenOrExplain } from './listen.ts';
import type { StatusReport } from './status.ts';
import { type Language, STATUS_PAGE_CSP, statusPage } from './status-page.ts';

type Answer = { readonly code?: number; readonly type: string; readonly body: string };

export interface HttpFacts {
  readonly report: StatusReport;
  readonly metrics: Metrics;
  /** What must get on for the gateway to be healthy. */
  readonly parts: readonly Progress[];
}

/** The gateway's own small pages, read-only. `node:http` alone: a framework would cost a quarter of the gateway's memory. */
export class HttpServer implements Service {
  readonly name = 'http';
  readonly #listen: { readonly host: string; readonly port: number };
  readonly #report: StatusReport;
  readonly #metrics: Metrics;
  readonly #parts: readonly Progress[];
  readonly #log: Log;

  constructor(listen: { host: string; port: number }, { report, metrics, parts }: HttpFacts, log: Log) {
    this.#listen = listen;
    this.#report = report;
    this.#metrics = metrics;
    this.#parts = parts;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    const server = http.createServer({ requestTimeout: 10_000 }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#log.error({ error }, 'answering a request failed');
        response.writeHead(500).end();
      });
    });
    if (!(await listenOrExplain(server, this.#listen, 'status page', this.#log))) return aborted(signal);
    await aborted(signal);
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Another site's page must not read this one through a name that it made point here.
    if (!isLocalName(request.headers.host)) return void response.writeHead(421).end();
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
    const language: Language = /^ko\b/i.test(request.headers['accept-language'] ?? '') ? 'ko' : 'en';
    const answer = await this.#answer(request.url?.split('?')[0] ?? '/', language);
    if (answer === undefined) return void response.writeHead(404).end();
    response.writeHead(answer.code ?? 200, { ...HEADERS, 'content-type': answer.type }).end(answer.body);
  }

  async #answer(path: string, language: Language): Promise<Answer | undefined> {
    switch (path) {
      case '/':
        return { type: 'text/html; charset=utf-8', body: statusPage(await this.#report.page(), language) };
      case '/healthz':
        return health(stalled(this.#parts));
      case '/metrics':
        return { type: METRICS_CONTENT_TYPE, body: await this.#metrics.text() };
      case '/api/v1/status':
        return json(await this.#report.full());
      case '/api/v1/latest':
        return json(this.#report.latest());
      default:
        return undefined;
    }
  }
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': STATUS_PAGE_CSP,
};

/** As the watchdog sees it: 503 once only a new process may help. A dead device, a full disk and a lost hub are no illness of this one. */
function health(hanging: readonly string[]): Answer {
  const type = 'text/plain; charset=utf-8';
  return hanging.length === 0 ? { type, body: 'ok\n' } : { code: 503, type, body: `hangs: ${hanging.join(', ')}\n` };
}

function json(body: object): Answer {
  return { type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}

/** An address, `localhost`, or this machine's plain name: nothing that a foreign DNS server can make up. */
function isLocalName(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '') ?? '';
  return (
    name === 'localhost' ||
    /^[\d.]+$/.test(name) ||
    /^\[[0-9a-f:]+\]$/i.test(name) ||
    /^[a-z0-9-]+(\.local)?$/i.test(name)
  );
}

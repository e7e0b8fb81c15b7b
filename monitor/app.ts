import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { Fault, isFault } from '../core/faults.ts';
import { METRICS_CONTENT_TYPE } from '../core/metrics.ts';
import { alarmRoutes } from './api/alarms.ts';
import type { HubContext } from './api/context.ts';
import { documentRoutes } from './api/documents.ts';
import { energyRoutes } from './api/energy.ts';
import { enrolmentRoutes } from './api/enrolment.ts';
import { exportRoutes } from './api/export.ts';
import { gatewayRoutes } from './api/gateways.ts';
import { notifyRoutes } from './api/notify.ts';
import { openapi } from './api/openapi.ts';
import { pictureRoutes } from './api/pictures.ts';
import { pointRoutes } from './api/points.ts';
import { sendProblem } from './api/problem.ts';
import { readingRoutes } from './api/readings.ts';
import { roundRoutes } from './api/rounds.ts';
import { type AnyRoute, API, registerRoutes } from './api/route.ts';
import { setSecurityHeaders } from './api/security-headers.ts';
import { identify, sessionRoutes } from './api/session.ts';
import { streamRoutes } from './api/stream.ts';
import { isOurHost, isOwnPage } from './auth/origin.ts';
import { servePage } from './page.ts';

const MOST_BODY_BYTES = 256 * 1024;

export interface AppOptions {
  /** Names the hub is called by, besides localhost and IP addresses. */
  readonly names: readonly string[];
  /** Folder of the built page; left out: the API alone. */
  readonly page?: string;
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

export function routesOf(hub: HubContext): readonly AnyRoute[] {
  return [
    gatewayRoutes,
    pointRoutes,
    readingRoutes,
    exportRoutes,
    energyRoutes,
    streamRoutes,
    alarmRoutes,
    documentRoutes,
    pictureRoutes,
    roundRoutes,
    notifyRoutes,
    sessionRoutes,
    enrolmentRoutes,
  ].flatMap((make) => make(hub));
}

/** The hub's HTTP: API, page, health and metrics. */
export async function createHubApp(hub: HubContext, options: AppOptions): Promise<FastifyInstance> {
  const server: FastifyServerOptions = {
    bodyLimit: MOST_BODY_BYTES,
    // A stream in a page would hold up the end of the process for ever.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    ...(options.tls ? { https: options.tls } : {}),
  };
  const app: FastifyInstance = fastify(server);
  await app.register(cookie);

  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply);
    if (!isOurHost(request.headers.host, options.names)) throw new Fault('request-foreign', request.headers.host);
    if (!isOwnPage(request.method, request.headers)) throw new Fault('request-foreign', request.headers.origin);
  });
  app.setErrorHandler((error, request, reply) => {
    if (isFault(error)) return sendProblem(reply, error);
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (statusCode < 500) return sendProblem(reply, new Fault('request-invalid', message));
    hub.log.error({ err: error, url: request.url }, 'a request failed');
    return reply
      .code(500)
      .type('application/problem+json')
      .send({ type: 'about:blank', title: 'Internal error', status: 500 });
  });
  app.setNotFoundHandler((request, reply) => {
    const planned = PLANNED.test(request.url) ? ' is planned for a later release' : '';
    return sendProblem(reply, new Fault('not-found', `${request.url}${planned}`));
  });

  const routes = routesOf(hub);
  registerRoutes(app, routes, (request) => identify(hub, request));
  const description = openapi(routes);
  app.get(`${API}/openapi.json`, async () => description);
  app.get(API, async () => ({ documentation: `${API}/openapi.json` }));
  registerHealth(app, hub);
  if (options.page !== undefined) await servePage(app, options.page);
  return app;
}

/** Announced, not built. */
const PLANNED = /^\/api\/v1\/(commands|twins|audit|prometheus|gateways\/[^/]+\/(config|revoke))(?![\w-])/;

function registerHealth(app: FastifyInstance, hub: HubContext): void {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_, reply) => {
    try {
      await hub.database.read('SELECT 1');
      return { ok: true };
    } catch (error) {
      hub.log.warn({ err: error }, 'not ready');
      return reply.code(503).send({ ok: false });
    }
  });
  app.get('/metrics', async (_, reply) => reply.type(METRICS_CONTENT_TYPE).send(await hub.metrics.text()));
}

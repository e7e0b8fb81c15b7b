import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { Fault, isFault } from '../core/faults.ts';
import { METRICS_CONTENT_TYPE } from '../core/metrics.ts';
import { alarmRoutes } from './api/alarms.ts';
import { auditRoutes } from './api/audit.ts';
import { commandRoutes } from './api/commands.ts';
import { configRoutes } from './api/config.ts';
import type { HubContext } from './api/context.ts';
import { documentRoutes } from './api/documents.ts';
import { energyRoutes } from './api/energy.ts';
import { enrolmentRoutes } from './api/enrolment.ts';
import { exportRoutes } from './api/export.ts';
import { firstRunRoutes } from './api/first-run.ts';
import { gatewayRoutes } from './api/gateways.ts';
import { identify } from './api/identify.ts';
import { keyRoutes } from './api/keys.ts';
import { notifyRoutes } from './api/notify.ts';
import { notifySettingsRoutes } from './api/notify-settings.ts';
import { oidcRoutes } from './api/oidc.ts';
import { openapi } from './api/openapi.ts';
import { pictureRoutes } from './api/pictures.ts';
import { pointRoutes } from './api/points.ts';
import { sendProblem } from './api/problem.ts';
import { readingRoutes } from './api/readings.ts';
import { scheduleRoutes } from './api/report-schedules.ts';
import { reportRoutes } from './api/reports.ts';
import { rolloutRoutes } from './api/rollouts.ts';
import { roundRoutes } from './api/rounds.ts';
import { type AnyRoute, API, type RouteFrame, registerRoutes } from './api/route.ts';
import { scanRoutes } from './api/scan.ts';
import { setSecurityHeaders } from './api/security-headers.ts';
import { sessionRoutes } from './api/session.ts';
import { sessionsRoutes } from './api/sessions.ts';
import { setupRoutes } from './api/setup.ts';
import { siteRoutes } from './api/sites.ts';
import { streamRoutes } from './api/stream.ts';
import { twinRoutes } from './api/twins.ts';
import { userRoutes } from './api/users.ts';
import { Recording } from './audit/recording.ts';
import { RefusalPace } from './audit/refusal-pace.ts';
import { isOurHost, isOwnPage } from './auth/origin.ts';
import { Sight } from './auth/sight.ts';
import { servePage } from './page.ts';

const MOST_BODY_BYTES = 256 * 1024;
/** A whole request, also a picture from a slow phone; whoever sends byte by byte holds a connection no longer. */
const REQUEST_MS = 120_000;
/** Well below the files that a process may open: the archive and the gateways need theirs. */
const MOST_CONNECTIONS = 2000;

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
    configRoutes,
    rolloutRoutes,
    scanRoutes,
    commandRoutes,
    twinRoutes,
    pointRoutes,
    readingRoutes,
    exportRoutes,
    energyRoutes,
    streamRoutes,
    alarmRoutes,
    documentRoutes,
    pictureRoutes,
    roundRoutes,
    scheduleRoutes,
    reportRoutes,
    notifyRoutes,
    notifySettingsRoutes,
    setupRoutes,
    firstRunRoutes,
    siteRoutes,
    oidcRoutes,
    sessionRoutes,
    sessionsRoutes,
    userRoutes,
    keyRoutes,
    auditRoutes,
    enrolmentRoutes,
  ].flatMap((make) => make(hub));
}

/** The hub's HTTP: API, page, health and metrics. */
export async function createHubApp(hub: HubContext, options: AppOptions): Promise<FastifyInstance> {
  const server: FastifyServerOptions = {
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    // A stream in a page would hold up the end of the process for ever.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    ...(options.tls ? { https: options.tls } : {}),
  };
  const app: FastifyInstance = fastify(server);
  app.server.maxConnections = MOST_CONNECTIONS;
  await app.register(cookie);
  // A plant of 2,000 points is half a megabyte of JSON: half a second of a mobile network. What comes in is read as it is.
  await app.register(compress, { globalDecompression: false, encodings: ['br', 'gzip'] });

  const frame = frameOf(hub);
  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply);
    const { host, origin } = request.headers;
    const isOurs = isOurHost(host, options.names);
    if (isOurs && isOwnPage(request.method, request.headers)) return;
    const fault = new Fault('request-foreign', isOurs ? origin : host);
    const asked = { address: request.ip, action: 'foreign request', object: request.url };
    await frame.ended(frame.recordingOf(asked), fault);
    throw fault;
  });
  app.setErrorHandler(async (error, request, reply) => {
    if (isFault(error)) return sendProblem(reply, error);
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (statusCode < 500) {
      const fault = new Fault('request-invalid', message);
      // Its body was not read, so nobody knows whose it was.
      const asked = { address: request.ip, action: 'unreadable request', object: request.url };
      if (request.method !== 'GET') await frame.ended(frame.recordingOf(asked), fault);
      return sendProblem(reply, fault);
    }
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
  registerRoutes(app, routes, frame);
  const description = openapi(routes);
  app.get(`${API}/openapi.json`, async () => description);
  app.get(API, async () => ({ documentation: `${API}/openapi.json` }));
  registerHealth(app, hub);
  if (options.page !== undefined) await servePage(app, options.page);
  return app;
}

function frameOf(hub: HubContext): RouteFrame {
  const pace = new RefusalPace(hub.clock);
  return {
    identify: (request) => identify(hub, request),
    sightOf: (who) => new Sight(who, (gateway) => hub.points.findCatalogue(gateway)?.site),
    recordingOf: (asked) => new Recording(hub.audit, asked),
    ended: (act, error) => act.ended(error, { pace, log: hub.log }),
  };
}

/** Announced, not built. */
const PLANNED = /^\/api\/v1\/prometheus(?![\w-])/;

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

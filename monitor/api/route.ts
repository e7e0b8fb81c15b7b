import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Fault, isFault } from '../../core/faults.ts';
import { type Asked as AuditAsked, askedFor, type Recording } from '../audit/recording.ts';
import { hasRole, type Identity, isEverywhere, type Role } from '../auth/access.ts';
import type { Sight } from '../auth/sight.ts';

type Shape = z.ZodObject;
const nothing = z.object({});
type Nothing = typeof nothing;

export interface Asked<Params extends Shape, Query extends Shape, Body extends z.ZodType> {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  /** Left out only on routes open to anyone. */
  readonly who: Identity | undefined;
  /** What of the plant they may see. */
  readonly sees: Sight;
  /** Their act in the audit log; a reading call leaves none unless it is forbidden. */
  readonly act: Recording;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One call of the API: what it takes and gives, said once; checked at run time, and published as OpenAPI. */
export interface Route<
  Params extends Shape = Nothing,
  Query extends Shape = Nothing,
  Body extends z.ZodType = Nothing,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** `/gateways/:id`, below `/api/v1`. */
  readonly path: string;
  readonly summary: string;
  /** The least role, or `anyone`. */
  readonly role: Role | 'anyone';
  /** It is about the hub as a whole: not for whoever has some sites only. */
  readonly everywhere?: true;
  /** Does it change anything? Left out: POST does, GET does not. What changes something is in the audit log. */
  readonly changes?: boolean;
  /** What of the body goes into the audit log; left out: nothing. Name no secret. */
  readonly recorded?: readonly (keyof z.input<Body> & string)[];
  /** How a refusal is answered where a browser came by a link; left out: as a problem. */
  readonly refused?: (fault: Fault, reply: FastifyReply) => FastifyReply;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: Answer;
  readonly status?: number;
  /** Other forms of the answer, by Accept. */
  readonly media?: readonly string[];
  /** Of a JSON body that may be larger than others. */
  readonly mostBytes?: number;
  /** The body is bytes of one of these types, not JSON: `body` is then a Buffer's schema. */
  readonly upload?: Upload;
  /** An answer that it has sent itself is undefined. */
  handle(asked: Asked<Params, Query, Body>): Promise<z.input<Answer> | FastifyReply>;
}

export interface Upload {
  readonly types: readonly string[];
  readonly mostBytes: number;
  /** What a larger one is answered with. */
  readonly tooLarge: (bytes: number) => Fault;
}

export type AnyRoute = Route<Shape, Shape, z.ZodType, z.ZodType>;

/** Keeps the types of one route together and gives it up to the list of all. */
export function route<
  Params extends Shape = Nothing,
  Query extends Shape = Nothing,
  Body extends z.ZodType = Nothing,
  Answer extends z.ZodType = z.ZodType,
>(given: Route<Params, Query, Body, Answer>): AnyRoute {
  return given as unknown as AnyRoute;
}

export const API = '/api/v1';

/** What stands around every call. */
export interface RouteFrame {
  identify(request: FastifyRequest): Promise<Identity | undefined>;
  sightOf(who: Identity | undefined): Sight;
  recordingOf(asked: AuditAsked): Recording;
  /** An act that did not come to its end. */
  ended(act: Recording, error: unknown): Promise<void>;
}

export function registerRoutes(app: FastifyInstance, routes: readonly AnyRoute[], frame: RouteFrame): void {
  const uploads = routes.flatMap(({ upload }) => upload?.types ?? []);
  if (uploads.length > 0)
    app.addContentTypeParser(uploads, { parseAs: 'buffer' }, async (_: unknown, bytes: Buffer) => bytes);
  for (const route of routes) {
    const { upload, mostBytes } = route;
    app.route({
      method: route.method,
      url: `${API}${route.path}`,
      ...(mostBytes === undefined ? {} : { bodyLimit: mostBytes }),
      ...(upload ? { bodyLimit: upload.mostBytes, errorHandler: refuseUpload(upload) } : {}),
      handler: (request, reply) => serve(route, frame, request, reply),
    });
  }
}

export function isChanging({ method, changes }: AnyRoute): boolean {
  return changes ?? method !== 'GET';
}

async function serve(route: AnyRoute, frame: RouteFrame, request: FastifyRequest, reply: FastifyReply) {
  const act = frame.recordingOf(askedOf(route, request));
  try {
    const answer = await perform(route, { frame, act, request, reply });
    return answer === reply ? reply : reply.code(route.status ?? 200).send(answer);
  } catch (error) {
    if (isWorthARow(route, request, error)) await frame.ended(act, error);
    if (route.refused && isFault(error)) return route.refused(error, reply);
    throw error;
  }
}

interface Call extends Pick<Asked<Shape, Shape, z.ZodType>, 'act' | 'request' | 'reply'> {
  readonly frame: RouteFrame;
}

/** No call that changes anything gets past the audit log: its row is stored before the act, or the act is not done. */
async function perform(route: AnyRoute, { frame, act, request, reply }: Call) {
  const changes = isChanging(route);
  const who = await frame.identify(request);
  if (who) act.by(who.name, who.via);
  checkRole(who, route);
  const asked = {
    params: parse(route.params ?? nothing, request.params, 'path'),
    query: parse(route.query ?? nothing, request.query, 'query'),
    body: parse(route.body ?? nothing, request.body ?? {}, 'body'),
  };
  if (changes) act.note(askedFor(asked.body, route.recorded));
  // Of what anyone may ask, the call itself says when it is about to change something.
  if (changes && route.role !== 'anyone') await act.begin();
  const answer = await route.handle({ ...asked, who, sees: frame.sightOf(who), act, request, reply });
  if (changes) await act.done();
  return answer;
}

/** Refused changes, whatever is forbidden, and keys that are wrong. A page that asks before anybody has logged in is none of these. */
function isWorthARow(route: AnyRoute, request: FastifyRequest, error: unknown): boolean {
  return (
    isChanging(route) ||
    isFault(error, 'forbidden') ||
    (request.headers.authorization !== undefined && isFault(error, 'login-needed'))
  );
}

function askedOf({ method, path }: AnyRoute, request: FastifyRequest): AuditAsked {
  const words = path.split('/').filter((part) => part !== '' && !part.startsWith(':'));
  const object = Object.values((request.params ?? {}) as Record<string, string>).join('/');
  return { address: request.ip, action: [...(method === 'GET' ? ['read'] : []), ...words].join(' '), object };
}

/** The reason, instead of a number of the protocol. */
function refuseUpload({ tooLarge }: Upload) {
  return (error: Error & { code?: string }, request: FastifyRequest) => {
    if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') throw error;
    throw tooLarge(Number(request.headers['content-length']));
  };
}

function checkRole(who: Identity | undefined, { role, everywhere }: AnyRoute): void {
  if (role === 'anyone') return;
  if (!who) throw new Fault('login-needed');
  if (!hasRole(who, role)) throw new Fault('forbidden', `this needs the role ${role}`);
  if (everywhere && !isEverywhere(who)) throw new Fault('forbidden', 'this needs all sites');
}

function parse<S extends z.ZodType>(schema: S, raw: unknown, where: string): z.output<S> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const missing = issue.code === 'invalid_type' && issue.path.reduce(within, raw) === undefined;
    return `${[where, ...issue.path].join('.')}: ${missing ? 'is missing' : issue.message}`;
  });
  throw new Fault('request-invalid', problems.join('; '));
}

function within(raw: unknown, step: PropertyKey): unknown {
  return (raw as Record<PropertyKey, unknown> | null | undefined)?.[step];
}

/** A list in a query: `a,b`, or the key given several times. */
export function listOf<S extends z.ZodType<string, string>>(item: S) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(',')))
    .pipe(z.array(item).max(1000));
}

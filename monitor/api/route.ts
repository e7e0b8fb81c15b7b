import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { ROLES, type Role } from '../archive/people-store.ts';
import type { Identity } from '../auth/accounts.ts';

type Shape = z.ZodObject;
const nothing = z.object({});
type Nothing = typeof nothing;

export interface Asked<Params extends Shape, Query extends Shape, Body extends z.ZodType> {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  /** Left out only on routes open to anyone. */
  readonly who: Identity | undefined;
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
  readonly method: 'GET' | 'POST';
  /** `/gateways/:id`, below `/api/v1`. */
  readonly path: string;
  readonly summary: string;
  /** The least role, or `anyone`. */
  readonly role: Role | 'anyone';
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: Answer;
  readonly status?: number;
  /** Other forms of the answer, by Accept. */
  readonly media?: readonly string[];
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

export function registerRoutes(
  app: FastifyInstance,
  routes: readonly AnyRoute[],
  identify: (request: FastifyRequest) => Promise<Identity | undefined>,
): void {
  const uploads = routes.flatMap(({ upload }) => upload?.types ?? []);
  if (uploads.length > 0)
    app.addContentTypeParser(uploads, { parseAs: 'buffer' }, async (_: unknown, bytes: Buffer) => bytes);
  for (const { method, path, role, params, query, body, status, upload, handle } of routes) {
    app.route({
      method,
      url: `${API}${path}`,
      ...(upload ? { bodyLimit: upload.mostBytes, errorHandler: refuseUpload(upload) } : {}),
      async handler(request, reply) {
        const who = await identify(request);
        checkRole(who, role);
        const asked = {
          params: parse(params ?? nothing, request.params, 'path'),
          query: parse(query ?? nothing, request.query, 'query'),
          body: parse(body ?? nothing, request.body ?? {}, 'body'),
        };
        const answer = await handle({ ...asked, who, request, reply });
        return answer === reply ? reply : reply.code(status ?? 200).send(answer);
      },
    });
  }
}

/** The reason, instead of a number of the protocol. */
function refuseUpload({ tooLarge }: Upload) {
  return (error: Error & { code?: string }, request: FastifyRequest) => {
    if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') throw error;
    throw tooLarge(Number(request.headers['content-length']));
  };
}

function checkRole(who: Identity | undefined, role: Role | 'anyone'): void {
  if (role === 'anyone') return;
  if (!who) throw new Fault('login-needed');
  if (ROLES.indexOf(who.role) < ROLES.indexOf(role)) throw new Fault('forbidden', `this needs the role ${role}`);
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

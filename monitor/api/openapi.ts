import { z } from 'zod';
import { version } from '../../core/package-root.ts';
import { problemSchema } from './problem.ts';
import { type AnyRoute, API } from './route.ts';

/** OpenAPI 3.1 from the routes' own schemas, so that it cannot go stale. */
export function openapi(routes: readonly AnyRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const each of routes) {
    const path = `${API}${each.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [each.method.toLowerCase()]: operation(each) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice hub', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'sluice' },
      },
    },
  };
}

function operation(given: AnyRoute): object {
  const { method, path, summary, role, params, query, answer, status, media } = given;
  const forms = Object.fromEntries((media ?? []).map((type) => [type, { schema: { type: 'string' } }]));
  const json = media?.includes('text/event-stream') || media?.includes('application/x-pem-file');
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[/:.-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: role === 'anyone' ? summary : `${summary} (role: ${role})`,
    security: role === 'anyone' ? [] : [{ key: [] }, { session: [] }],
    parameters: [...parameters('path', params), ...parameters('query', query)],
    ...requestBody(given),
    responses: {
      [String(status ?? 200)]: {
        description: summary,
        content: json ? forms : { 'application/json': { schema: schemaOf(answer, 'output') }, ...forms },
      },
      default: {
        description: 'A problem [RFC 9457]',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function requestBody({ body, upload }: AnyRoute): object {
  if (!body) return {};
  const bytes = { schema: { type: 'string', format: 'binary' } };
  const content = upload
    ? Object.fromEntries(upload.types.map((type) => [type, bytes]))
    : { 'application/json': { schema: schemaOf(body) } };
  return { requestBody: { required: true, content } };
}

function parameters(place: 'path' | 'query', shape: z.ZodObject | undefined): object[] {
  if (!shape) return [];
  return Object.entries(shape.shape).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(schema, undefined).success,
    schema: schemaOf(schema as z.ZodType),
  }));
}

/** A body and a query are described as they are sent, an answer as it arrives. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'input'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const YEAR_S = 31_536_000;

/** Serves the built page: names with a hash are kept by browsers, the page itself is asked for each time. */
export async function servePage(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', async (_, reply) =>
      reply.code(503).type('text/plain; charset=utf-8').send('The page is not built: run `npm run build:page`.\n'),
    );
    return;
  }
  await app.register(files, {
    root: folder,
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders(response, path) {
      const kept = path.includes('/assets/');
      response.setHeader('cache-control', kept ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
    },
  }); // By name: the library finds no compressed index of a folder.
  app.get('/', (_, reply) => reply.sendFile('index.html'));
}

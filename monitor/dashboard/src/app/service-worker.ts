/**
 * Keeps the page itself in the browser, so that it opens where there is no link: a round is walked in a cellar. What the hub knows is
 * never kept here: a value from a cache would look fresh.
 */

/** The page's own files, put in by the build: a new build is another worker, with another store. */
declare const __FILES__: readonly string[];
declare const __BUILD__: string;

/** What a worker is, as far as this one needs it: the language's own types exclude those of a page. */
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker extends EventTarget {
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
}

const worker = globalThis as unknown as Worker;
const PREFIX = 'sluice-page-';
const STORE = `${PREFIX}${__BUILD__}`;
const PAGE = '/';
const files: ReadonlySet<string> = new Set(__FILES__);
/** A hub that takes longer is as good as none: a person stands there and waits. */
const PATIENCE_MS = 3000;

worker.addEventListener('install', (event) => {
  (event as Lasting).waitUntil(keepAll().then(() => worker.skipWaiting()));
});
worker.addEventListener('activate', (event) => {
  (event as Lasting).waitUntil(dropOld().then(() => worker.clients.claim()));
});
worker.addEventListener('fetch', (event) => {
  const { request, respondWith } = event as Asked;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate' && pathname === PAGE) respondWith.call(event, thePage(request));
  else if (files.has(pathname)) respondWith.call(event, kept(request, pathname));
});

async function keepAll(): Promise<void> {
  const store = await caches.open(STORE);
  await store.addAll([PAGE, ...files]);
}

async function dropOld(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== STORE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The hub's, if it answers: it may be newer. */
async function thePage(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    const held = await caches.match(PAGE, { cacheName: STORE });
    if (held) return held;
    throw error;
  }
}

/** Its name tells what is in it: nobody needs to be asked. */
async function kept(request: Request, pathname: string): Promise<Response> {
  return (await caches.match(pathname, { cacheName: STORE })) ?? fetch(request);
}

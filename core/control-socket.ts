import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FAULTS, Fault, type FaultCode, isFault } from './faults.ts';
import type { Log } from './log.ts';
import { http } from './node-http.ts';
import { aborted, type Service } from './service.ts';

/**
 * How commands on the same machine speak with a running process: HTTP over a Unix socket that only its owner may open.
 * `POST /verb` with a JSON body; the answer is JSON, or bytes as they come.
 */
export type ControlHandler = (body: unknown, signal: AbortSignal) => Promise<unknown>;

const MOST_BODY_BYTES = 1024 * 1024;
/** No socket is there, or nobody behind it any more. */
const NOBODY = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED']);
const DENIED = new Set(['EACCES', 'EPERM']);
/** Longest path of a Unix socket on Linux [unix(7)]. */
const MOST_PATH_BYTES = 107;

/**
 * Answers commands until its signal aborts. A handler's answer is sent as JSON, an async iterable of text or bytes as it comes.
 * Its run rejects with Fault already-running if another process answers there; a socket left behind by a crash is removed.
 */
export function serveControl(path: string, handlers: Readonly<Record<string, ControlHandler>>, log: Log): Service {
  return {
    name: 'control socket',
    async run(signal) {
      const server = http.createServer((incoming, response) => {
        handle(incoming, response, handlers).catch((error: unknown) => {
          if (!isFault(error) && !isGone(error))
            log.error({ err: error, verb: incoming.url }, 'a control request failed');
          fail(response, isFault(error) ? error : new Error('the process could not do it; its log says why'));
        });
      });
      await listen(server, path);
      await aborted(signal);
      await close(server);
    },
  };
}

/** The command that asked has ended: it has what it wanted, or was stopped. */
function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** The answer; undefined if nobody answers there. Throws the fault the other side threw. */
export async function askControl<T>(
  path: string,
  verb: string,
  body: unknown = {},
  signal?: AbortSignal,
): Promise<T | undefined> {
  const stream = await streamControl(path, verb, body, signal);
  if (stream === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as T;
}

/** The answer as bytes, as they come; it throws if the other side breaks off. Undefined if nobody answers there. */
export async function streamControl(
  path: string,
  verb: string,
  body: unknown = {},
  signal?: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  checkPath(path);
  const response = await send(path, verb, JSON.stringify(body), signal);
  if (response === undefined || response.statusCode === 200) return response;
  let text = '';
  for await (const part of response) text += String(part);
  throw toFault(text);
}

async function listen(server: Server, path: string): Promise<void> {
  checkPath(path);
  if (await isAnswered(path)) throw new Fault('already-running', path);
  await unlink(path).catch(() => {});
  // The socket is bound within this call: nobody else can open it for a moment.
  const before = process.umask(0o177);
  server.listen(path);
  process.umask(before);
  await once(server, 'listening');
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  handlers: Readonly<Record<string, ControlHandler>>,
): Promise<void> {
  const verb = decodeURIComponent(incoming.url?.slice(1) ?? '');
  const handler = Object.hasOwn(handlers, verb) ? handlers[verb] : undefined;
  if (handler === undefined || incoming.method !== 'POST') throw new Fault('not-found', verb);
  const body = await readBody(incoming);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const answer = await handler(body, gone.signal);
  if (isStream(answer)) await pipeline(Readable.from(await begun(answer), { objectMode: false }), response);
  else response.end(JSON.stringify(answer ?? {}));
}

/** Waits for the first part: a refusal that comes instead of it can still be answered as one. */
async function begun(answer: AsyncIterable<string | Uint8Array>): Promise<AsyncIterable<string | Uint8Array>> {
  const parts = answer[Symbol.asyncIterator]();
  let first: Awaited<ReturnType<typeof parts.next>> | undefined = await parts.next();
  const next = async () => {
    const part = first ?? (await parts.next());
    first = undefined;
    return part;
  };
  const stop = async () => (await parts.return?.()) ?? { done: true as const, value: undefined };
  return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
}

function isStream(answer: unknown): answer is AsyncIterable<string | Uint8Array> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming) {
    bytes += (part as Buffer).length;
    if (bytes > MOST_BODY_BYTES) throw new Fault('usage', 'the request is too long');
    parts.push(part as Buffer);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8') || '{}');
}

function fail(response: ServerResponse, error: Error): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const code = isFault(error) ? error.code : undefined;
  const detail = isFault(error) ? error.message.slice(FAULTS[error.code].text.length + 2) : error.message;
  response.writeHead(400).end(JSON.stringify({ code, detail }));
}

function toFault(text: string): Error {
  const { code, detail } = JSON.parse(text) as { code?: string; detail?: string };
  return code !== undefined && Object.hasOwn(FAULTS, code)
    ? new Fault(code as FaultCode, detail || undefined)
    : new Error(detail);
}

function send(
  path: string,
  verb: string,
  body: string,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const asked = { socketPath: path, path: `/${encodeURIComponent(verb)}`, method: 'POST', agent: false } as const;
    const outgoing = http.request({ ...asked, ...(signal === undefined ? {} : { signal }) }, resolve);
    outgoing.on('error', (cause: NodeJS.ErrnoException) => {
      if (NOBODY.has(cause.code ?? '')) resolve(undefined);
      else if (DENIED.has(cause.code ?? '')) reject(new Fault('file-missing', `${path} (${cause.message})`, { cause }));
      else reject(new Fault('not-running', `${path} (${cause.message})`, { cause }));
    });
    outgoing.end(body);
  });
}

async function isAnswered(path: string): Promise<boolean> {
  try {
    return (await askControl(path, 'ping')) !== undefined;
  } catch (error) {
    // It does not know the word, but someone is there.
    return isFault(error);
  }
}

function checkPath(path: string): void {
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) {
    throw new Fault('usage', `the data directory's path is too long for a socket: ${path}`);
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FAULTS, Fault, type FaultCode, isFault } from './faults.ts';
import type { Log } from './log.ts';

/**
 * How commands on the same machine speak with a running process: HTTP over a Unix socket that only its owner may open.
 * `POST /verb` with a JSON body; the answer is JSON, or bytes as they come.
 */
export type ControlHandler = (body: unknown, signal: AbortSignal) => Promise<ControlAnswer>;
export type ControlAnswer = { readonly json: unknown } | { readonly stream: AsyncIterable<string | Uint8Array> };

const MOST_BODY_BYTES = 1024 * 1024;
/** Longest path of a Unix socket on Linux [unix(7)]. */
const MOST_PATH_BYTES = 107;

export interface ControlServer {
  close(): Promise<void>;
}

/** Throws Fault already-running if another process answers there. A socket left behind by a crash is removed. */
export async function serveControl(
  path: string,
  handlers: Readonly<Record<string, ControlHandler>>,
  log: Log,
): Promise<ControlServer> {
  checkPath(path);
  if (await answers(path)) throw new Fault('already-running', path);
  await unlink(path).catch(() => {});
  const server = createServer((incoming, response) => {
    handle(incoming, response, handlers).catch((error: unknown) => {
      log.error({ err: error, verb: incoming.url }, 'a control request failed');
      fail(response, isFault(error) ? error : new Error('the process could not do it; its log says why'));
    });
  });
  // The socket is bound within this call: nobody else can open it for a moment.
  const before = process.umask(0o177);
  server.listen(path);
  process.umask(before);
  await once(server, 'listening');
  return { close: () => close(server) };
}

/** The answer as JSON. Throws Fault not-running if nobody answers, or the fault the other side threw. */
export async function askControl(path: string, verb: string, body: unknown = {}): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of await streamControl(path, verb, body)) parts.push(Buffer.from(part));
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

/** The answer as bytes, as they come; it throws if the other side breaks off. */
export async function streamControl(
  path: string,
  verb: string,
  body: unknown = {},
): Promise<AsyncIterable<Uint8Array>> {
  checkPath(path);
  const response = await send(path, verb, JSON.stringify(body));
  if (response.statusCode === 200) return response;
  let text = '';
  for await (const part of response) text += String(part);
  throw toFault(text);
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  handlers: Readonly<Record<string, ControlHandler>>,
): Promise<void> {
  const verb = incoming.url?.slice(1) ?? '';
  const handler = Object.hasOwn(handlers, verb) ? handlers[verb] : undefined;
  if (handler === undefined || incoming.method !== 'POST') throw new Fault('not-found', verb);
  const body = await readBody(incoming);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const answer = await handler(body, gone.signal);
  if ('json' in answer) {
    response.end(JSON.stringify(answer.json));
    return;
  }
  await pipeline(Readable.from(answer.stream), response);
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
  return code !== undefined && code in FAULTS ? new Fault(code as FaultCode, detail || undefined) : new Error(detail);
}

function send(path: string, verb: string, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: path, path: `/${verb}`, method: 'POST', agent: false }, resolve);
    outgoing.on('error', (cause: NodeJS.ErrnoException) => {
      const nobody = cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED';
      reject(nobody ? new Fault('not-running', path, { cause }) : cause);
    });
    outgoing.end(body);
  });
}

async function answers(path: string): Promise<boolean> {
  try {
    await askControl(path, 'ping');
    return true;
  } catch (error) {
    return isFault(error) && error.code !== 'not-running';
  }
}

function checkPath(path: string): void {
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) {
    throw new Fault('usage', `the data directory's path is too long for a socket: ${path}`);
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  if (server.listening) await once(server, 'close');
}

import { connect, createServer } from 'node:net';
import { expect } from 'vitest';

/** Below those that the system gives to connections and to whoever listens on 0: nobody takes one between its finding and its use. */
const FIRST = 20_000;
const PORTS = 10_000;

/** Each test process begins elsewhere. */
let given = process.pid * 97;

/** A port of loopback for a server of this process that cannot choose one itself. */
export async function ownPort(): Promise<number> {
  for (;;) {
    const port = FIRST + (given++ % PORTS);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Resolves once somebody listens there. */
export function untilOpen(port: number): Promise<void> {
  return expect.poll(() => isOpen(port)).toBe(true);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

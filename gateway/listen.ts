import type { Server } from 'node:net';
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/log.ts';

/** `127.0.0.1:8081` or `[::1]:8081`. Undefined if the text is none. */
export function parseListen(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/** A taken port is said in one line, and the gateway runs without that listener: nodes often have a broker on 1883 already. */
export async function listenOrExplain(
  server: Server,
  listen: { host: string; port: number },
  what: string,
  log: Log,
): Promise<boolean> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listen, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // Out of file descriptors, as when too many clients connect: those are turned away, the process goes on.
    server.on('error', (error) => log.warn({ error: error.message }, `${what}: a connection could not be taken`));
    return true;
  } catch (cause) {
    const fault = new Fault('port-taken', `${listen.host}:${listen.port} (${(cause as Error).message})`, { cause });
    log.warn({ code: fault.code, action: fault.action }, `${what}: ${fault.message}; going on without it`);
    return false;
  }
}

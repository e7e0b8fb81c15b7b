import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OrderRun } from './gateway-orders.ts';

const BY_ID = '/dev/serial/by-id';

/** The serial ports of this machine by the names that stay, and which line of the plant has each. */
export async function portsOrder({ deps }: OrderRun): Promise<{
  readonly ports: readonly { readonly port: string; readonly channel?: string }[];
}> {
  const names = await readdir(BY_ID).catch(() => []);
  const used = new Map(deps.polling.channels.map(({ spec }) => [spec.port, spec.name]));
  const found = names.sort().map((name) => join(BY_ID, name));
  return {
    ports: found.map((port) => {
      const channel = used.get(port);
      return channel === undefined ? { port } : { port, channel };
    }),
  };
}

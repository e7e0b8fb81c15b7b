import { createServer } from 'node:net';

/** Below the ports that the system gives to outgoing connections: one of those could sit here while a killed hub is away. */
const FIRST = 12_000;
const LAST = 32_000;
/** A worker gives from a part of its own: what one has picked and not yet opened, another must not pick. */
const PARTS = 8;
const PART = (LAST - FIRST) / PARTS;
const OWN = FIRST + (Number(process.env.VITEST_POOL_ID ?? 0) % PARTS) * PART;
const given = new Set<number>();

/** Ports on loopback that nobody uses now and that this worker gives once. */
export async function pickPorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = OWN + Math.floor(Math.random() * PART);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

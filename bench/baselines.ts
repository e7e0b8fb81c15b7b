import { execFile, fork } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import modbusSerial from 'modbus-serial';

const SECONDS = 5;
const REGISTERS = 125;

/** A device that answers at once, in a process of its own. */
export async function quickDevice(): Promise<{ readonly port: number; stop(): void }> {
  const server = fork(fileURLToPath(new URL('./quick-server.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  const port = await new Promise<number>((resolve) => server.once('message', (said) => resolve(Number(said))));
  return { port, stop: () => server.disconnect() };
}

/** Requests a second of `once`, after a warm-up. */
async function rateOf(once: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 2000; i++) await once();
  const began = performance.now();
  let count = 0;
  for (; performance.now() - began < SECONDS * 1000; count++) await once();
  return count / ((performance.now() - began) / 1000);
}

/** modbus-serial alone: asks, waits, throws away. */
export async function modbusSerialLoop(port: number): Promise<number> {
  const client = new modbusSerial.default();
  await client.connectTCP('127.0.0.1', { port });
  client.setID(1);
  const rate = await rateOf(() => client.readHoldingRegisters(0, REGISTERS));
  await new Promise<void>((resolve) => client.close(() => resolve()));
  return rate;
}

/** A socket and nothing else: the same bytes, answers counted by their length. */
export async function socketLoop(port: number): Promise<number> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const request = Buffer.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, REGISTERS]);
  let [missing, answered]: [number, () => void] = [0, () => {}];
  socket.on('data', (chunk: Buffer) => {
    missing -= chunk.length;
    if (missing <= 0) answered();
  });
  const rate = await rateOf(
    () =>
      new Promise<void>((resolve) => {
        missing = 9 + REGISTERS * 2;
        answered = resolve;
        socket.write(request);
      }),
  );
  socket.destroy();
  return rate;
}

/** libmodbus, one request at a time; undefined where python3 or the library is missing. */
export async function libmodbusLoop(port: number): Promise<number | undefined> {
  const script = fileURLToPath(new URL('./libmodbus-loop.py', import.meta.url));
  const run = promisify(execFile)('python3', [script, String(port), String(SECONDS)]);
  return run.then(({ stdout }) => Number(stdout)).catch(() => undefined);
}

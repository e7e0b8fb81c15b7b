import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialTiming } from '../devices/channels/serial-timing.ts';

export interface Silences {
  /** Requests that followed a reply. */
  readonly seen: number;
  /** Of these, too soon after it. */
  readonly broken: number;
}

export interface FarLine {
  /** The gateway's end. */
  readonly port: string;
  /** Ends it and tells what it saw of the master's silences. */
  stop(): Promise<Silences>;
}

/** Speed and registers of a request. */
export const RTU_LINES = [
  [9600, 125],
  [9600, 10],
  [19_200, 125],
  [115_200, 125],
] as const;

/** Milliseconds of one exchange, 8E1: 8 bytes out, the silence by which the device knows their end, 1 ms of its thought, the reply, our silence. */
export function lawfulMs(baudRate: number, registers: number): number {
  const { charMs, silenceMs } = serialTiming({ baudRate, dataBits: 8, parity: 'even', stopBits: 1 });
  return (8 + 5 + registers * 2) * charMs + 1 + 2 * silenceMs;
}

const SERVER = fileURLToPath(new URL('./line-server.ts', import.meta.url));
let made = 0;

/** Modbus RTU meters on a pseudo-terminal that is paced at its speed (8E1), in a process of its own, with nothing between. Needs socat. */
export async function farLine(baudRate: number, units: number, registers: number): Promise<FarLine> {
  const port = join(tmpdir(), `sluice-line-${process.pid}-${made++}`);
  const command = [process.execPath, '--import', 'tsx', SERVER, baudRate, units, registers].join(' ');
  const socat = spawn('socat', [`PTY,link=${port},raw,echo=0`, `EXEC:"${command}",nofork`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  socat.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(socat, 'close');
  while (!said.includes('ready')) {
    if (socat.exitCode !== null) throw new Error(`no far end of a line: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (!existsSync(port)) throw new Error(`socat made no ${port}`);
  return {
    port,
    async stop() {
      socat.kill();
      await ended;
      rmSync(port, { force: true });
      return JSON.parse(said.slice(said.indexOf('{'))) as Silences;
    },
  };
}

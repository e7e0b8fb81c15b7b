import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type Log = Logger;

/** Where log lines go: JSON on stderr; a terminal gets readable lines. */
export type LogFormat = 'json' | 'pretty';

const SECRETS = ['password', 'token', 'key', 'secret', 'cookie', 'authorization'];

/** Synchronous, so that the last line before a crash is there. */
export async function createLog(name: string, options: { level?: string; format?: LogFormat } = {}): Promise<Log> {
  const format = options.format ?? (process.stderr.isTTY ? 'pretty' : 'json');
  return pino(
    { name, level: options.level ?? process.env.SLUICE_LOG ?? 'info', redact: SECRETS, base: { name } },
    format === 'pretty' ? await prettyStream() : destination({ dest: 2, sync: true }),
  );
}

async function prettyStream(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return (pretty as unknown as (o: object) => DestinationStream)({
    destination: 2,
    sync: true,
    ignore: 'pid,hostname',
  });
}

/** For tests and tools that want silence. */
export const quietLog: Log = pino({ level: 'silent' });

/** Logs a condition when it begins and when it ends, not each time it is seen. */
export class Condition {
  readonly #log: Log;
  readonly #name: string;
  #since: number | undefined;

  constructor(log: Log, name: string) {
    this.#log = log;
    this.#name = name;
  }

  get active(): boolean {
    return this.#since !== undefined;
  }

  begin(ticks: number, detail: object = {}): void {
    if (this.#since !== undefined) return;
    this.#since = ticks;
    this.#log.warn(detail, this.#name);
  }

  end(ticks: number): void {
    if (this.#since === undefined) return;
    this.#log.info({ afterMs: Math.round(ticks - this.#since) }, `no longer: ${this.#name}`);
    this.#since = undefined;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';

/** Reads and drops, as systemd does, the descriptor by which a sender learns that it was read; socat would keep it open. */
const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
while True:
    print(receiver.recv(65536).decode(), flush=True)
`;

/** What systemd's end of a notification socket hears. */
export class NotifyReceiver {
  readonly socket: string;
  heard = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-notify-'));
  readonly #process: ChildProcess;

  private constructor() {
    this.socket = join(this.#folder, 'notify');
    this.#process = spawn('python3', ['-c', RECEIVER, this.socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process.stdout?.on('data', (bytes: Buffer) => {
      this.heard += bytes.toString('utf8');
    });
  }

  static async open(): Promise<NotifyReceiver> {
    const receiver = new NotifyReceiver();
    while (!existsSync(receiver.socket)) await systemClock.sleep(5);
    return receiver;
  }

  /** Resolves once these words have come `times` times. */
  async until(words: string, times = 1): Promise<void> {
    while (this.heard.split(words).length <= times) await systemClock.sleep(5);
  }

  close(): void {
    this.#process.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

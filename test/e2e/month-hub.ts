import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Month, writeMonth } from './month-of-history.ts';
import { pickPorts } from './ports.ts';
import { pause } from './site.ts';
import { SluiceProcess } from './sluice-process.ts';

const READY_WITHIN_TRIES = 600;

/** A hub alone, as a process, with a month of history. */
export class MonthHub {
  readonly #dir = mkdtempSync(join(tmpdir(), 'sluice-month-'));
  month!: Month;
  url!: string;
  #process?: SluiceProcess;

  async start(): Promise<void> {
    const [http, mqtt] = (await pickPorts(2)) as [number, number];
    this.month = await writeMonth(this.#dir, Date.now(), [http, mqtt]);
    const hub = new SluiceProcess(['hub', '-c', join(this.#dir, 'hub.yaml'), '--demo']);
    this.#process = hub;
    this.url = `http://127.0.0.1:${http}`;
    for (let tries = 0; !(await fetch(`${this.url}/readyz`).catch(() => undefined))?.ok; tries++) {
      if (hub.isOver || tries > READY_WITHIN_TRIES) throw new Error(hub.text);
      await pause(50);
    }
  }

  async stop(): Promise<void> {
    await this.#process?.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

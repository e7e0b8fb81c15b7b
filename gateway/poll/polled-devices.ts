import { setMaxListeners } from 'node:events';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { Suspicion } from './suspicion.ts';
import type { PollTask } from './task.ts';

interface Polled {
  /** What is asked of the device is broken off with it. */
  readonly stop: AbortController;
  readonly suspicion: Suspicion;
}

/** The devices that a line asks, which come and go, and their tasks. */
export class PolledDevices {
  tasks: readonly PollTask[] = [];
  readonly #devices = new Map<DeviceSpec, Polled>();
  /** Of devices that are gone: their slots passed all the same. */
  #skippedBefore = 0;

  /** Slots that passed unserved, since start. */
  get skipped(): number {
    return this.#skippedBefore + skippedOf(this.tasks);
  }

  /** Is there anybody on the line whom the silence of others would hurt? */
  get isAnyTrusted(): boolean {
    return [...this.#devices.values()].some(({ suspicion }) => suspicion.state === 'trusted');
  }

  add(tasks: readonly PollTask[]): void {
    for (const { device } of tasks) {
      if (this.#devices.has(device)) continue;
      const stop = new AbortController();
      // Every request that waits for the line listens to it; Node would warn of the eleventh.
      setMaxListeners(0, stop.signal);
      this.#devices.set(device, { stop, suspicion: new Suspicion() });
    }
    this.tasks = [...this.tasks, ...tasks];
  }

  /** They are asked no more, and what is asked of them is broken off; answers with their tasks. */
  drop(devices: ReadonlySet<DeviceSpec>): readonly PollTask[] {
    const leaving = this.tasks.filter(({ device }) => devices.has(device));
    this.tasks = this.tasks.filter(({ device }) => !devices.has(device));
    this.#skippedBefore += skippedOf(leaving);
    for (const device of devices) {
      this.#devices.get(device)?.stop.abort();
      this.#devices.delete(device);
    }
    return leaving;
  }

  of(device: DeviceSpec): Polled | undefined {
    return this.#devices.get(device);
  }

  /** Everything that is asked is broken off. */
  stop(): void {
    for (const { stop } of this.#devices.values()) stop.abort();
  }
}

function skippedOf(tasks: readonly PollTask[]): number {
  return tasks.reduce((sum, { rhythm }) => sum + (rhythm?.skipped ?? 0), 0);
}

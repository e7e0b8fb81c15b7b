import type { Clock } from '../../core/clock.ts';
import type { Service } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { PollSink } from './asker.ts';
import type { PollTask } from './task.ts';

/** A device that talks by itself: its lines become answers as they come; silence, of one kind of line too, becomes a fault. */
export class Listener implements Service {
  readonly name: string;
  readonly #channel: Channel;
  readonly #task: PollTask;
  readonly #sink: PollSink;
  readonly #clock: Clock;

  constructor(channel: Channel, task: PollTask, sink: PollSink, clock: Clock) {
    this.name = `listen ${task.device.name}`;
    this.#channel = channel;
    this.#task = task;
    this.#sink = sink;
    this.#clock = clock;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { device, driver, points, rhythm } = this.#task;
    if (driver.listen === undefined) throw new TypeError(`driver ${driver.name} neither asks nor listens`);
    const names = points.map(({ name }) => name);
    const silenceMs = Math.max(LEAST_SILENCE_MS, SILENT_SLOTS * (rhythm?.everyMs ?? 0));
    const unheard = new Set(names);
    const stopWatch = this.#watch(silenceMs, names, unheard);
    try {
      for await (const answers of driver.listen(points, this.#channel.listen(signal))) {
        for (const name of answers.keys()) unheard.delete(name);
        this.#sink.answers(device, answers);
      }
    } finally {
      stopWatch();
    }
  }

  /** Every `ms`, until the returned function is called: points of which nothing came in all that time have a fault. */
  #watch(ms: number, names: readonly string[], unheard: Set<string>): () => void {
    const { device } = this.#task;
    let stop: () => void = () => {};
    const look = () => {
      const { state } = this.#channel;
      const fault = state.state === 'faulted' ? state.fault : 'no-answer';
      if (unheard.size > 0) this.#sink.fault(device, [...unheard], fault);
      if (unheard.size === names.length) this.#sink.away(device, fault);
      for (const name of names) unheard.add(name);
      stop = this.#clock.after(ms, look);
    };
    stop = this.#clock.after(ms, look);
    return () => stop();
  }
}

const SILENT_SLOTS = 3;
const LEAST_SILENCE_MS = 10_000;

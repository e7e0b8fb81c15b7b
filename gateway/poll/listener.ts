import type { Clock } from '../../core/clock.ts';
import type { Service } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { PollSink } from './channel-poller.ts';
import type { PollTask } from './task.ts';

/** A device that talks by itself: its lines become answers as they come; silence becomes a fault. */
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
    let stopWatch = this.#watch(silenceMs, names);
    try {
      for await (const answers of driver.listen(points, this.#channel.listen(signal))) {
        stopWatch();
        this.#sink.answers(device, answers);
        stopWatch = this.#watch(silenceMs, names);
      }
    } finally {
      stopWatch();
    }
  }

  /** Says so each time another `ms` pass in silence, until the returned function is called. */
  #watch(ms: number, names: readonly string[]): () => void {
    let stop = this.#clock.after(ms, () => {
      const { state } = this.#channel;
      this.#sink.fault(this.#task.device, names, state.state === 'faulted' ? state.fault : 'no-answer');
      stop = this.#watch(ms, names);
    });
    return () => stop();
  }
}

const SILENT_SLOTS = 3;
const LEAST_SILENCE_MS = 10_000;

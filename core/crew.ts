import { isAbort, type Service } from './service.ts';

interface Member {
  readonly service: Service;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Services that come and go while their owner runs. */
export class Crew {
  /** In order of their start. */
  #members: Member[] = [];
  #waiting: Service[] = [];
  #isRunning = false;
  #fail: (error: unknown) => void = () => {};

  /** Runs it from now on, or from when the crew itself runs. */
  start(service: Service): void {
    if (!this.#isRunning) {
      this.#waiting.push(service);
      return;
    }
    const stop = new AbortController();
    const member: Member = {
      ...{ service, stop },
      done: service.run(stop.signal).then(
        () => {
          if (!stop.signal.aborted) this.#fail(new TypeError(`${service.name} ended by itself`));
        },
        (error: unknown) => {
          if (!isAbort(error, stop.signal)) this.#fail(error);
        },
      ),
    };
    this.#members.push(member);
  }

  /** Resolves when they have stopped, the last of these first. */
  async stop(services: readonly Service[]): Promise<void> {
    this.#waiting = this.#waiting.filter((service) => !services.includes(service));
    const leaving = this.#members.filter(({ service }) => services.includes(service));
    this.#members = this.#members.filter((member) => !leaving.includes(member));
    for (const { stop, done } of leaving.reverse()) {
      stop.abort();
      await done;
    }
  }

  /** Until the signal aborts and all have stopped. Rejects with the first failure of any of them, when the others have stopped. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new Promise<unknown>((resolve) => {
      this.#fail = (error) => resolve(error ?? new TypeError('a service failed'));
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    this.#isRunning = true;
    for (const service of this.#waiting.splice(0)) this.start(service);
    const error = await ended;
    this.#isRunning = false;
    await this.stop(this.#members.map(({ service }) => service));
    if (error !== undefined) throw error;
  }
}

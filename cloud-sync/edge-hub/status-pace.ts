/** What a status would tell that may have to be told soon. */
export interface Pulse {
  /** Is anything unconfirmed that should have been confirmed by now? */
  readonly behind: boolean;
  /** Records. */
  readonly backlog: number;
  /** Another text whenever something else has changed that is worth a status. */
  readonly mark: string;
}

const ANYWAY_TICKS = 15;
/** After a welcome: by then the lines have figures of their own. */
const FIRST_TICKS = 2;
/** A backlog that drains or grows by less than this share is not worth a message. */
const NOTICEABLE = 0.05;

/** When the next status is due: soon after a change, else now and then. Asked once a second, so never more often. */
export class StatusPace {
  #told: Pulse = { behind: false, backlog: 0, mark: '' };
  #tick = 0;
  #toldTick = 0;

  due(pulse: Pulse): boolean {
    this.#tick++;
    const isTime = this.#tick === FIRST_TICKS || this.#tick - this.#toldTick >= ANYWAY_TICKS;
    if (!isTime && !this.#isNews(pulse)) return false;
    this.#toldTick = this.#tick;
    this.#told = pulse;
    return true;
  }

  /** What is under way to the hub comes and goes every second: only a backlog proper counts. */
  #isNews({ behind, backlog, mark }: Pulse): boolean {
    if (mark !== this.#told.mark || behind !== this.#told.behind) return true;
    return behind && Math.abs(backlog - this.#told.backlog) > NOTICEABLE * this.#told.backlog;
  }
}

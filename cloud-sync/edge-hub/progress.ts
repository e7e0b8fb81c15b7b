/** What the hub is there for and does not get: for so long it may be busy, or frames go slowly. */
const STUCK_MS = 300_000;

/** Notices that frames do not get on although the hub is there: refused again and again, or never acknowledged. */
export class Progress {
  #confirmed: string | undefined;
  #moved: number | undefined;

  /**
   * Asked now and then while there is a connection. `confirmed`: another text whenever the hub has confirmed something;
   * `behind`: is anything waiting for it? True if there was no progress for five minutes.
   */
  isStuck({ confirmed, behind }: { readonly confirmed: string; readonly behind: boolean }, ticks: number): boolean {
    if (!behind || confirmed !== this.#confirmed || this.#moved === undefined) this.#moved = ticks;
    this.#confirmed = confirmed;
    return ticks - this.#moved >= STUCK_MS;
  }

  /** The hub is out of reach, which is another trouble: time counts anew. */
  away(): void {
    this.#moved = undefined;
  }
}

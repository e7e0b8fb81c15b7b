/** A gateway is taken to be alive for so long after it was last heard: three keep-alives. */
const ALIVE_MS = 90_000;
const WINDOW_MS = 60_000;
/** Two processes that take a name from each other so often within the window are two, not one that restarts. */
const MOST_TURNS = 4;

/**
 * Who holds a gateway's name. Two processes with one certificate take the connection from each other for ever: once that is
 * plain, the one that was there first keeps the name as long as it is heard.
 */
export class Contest {
  #holder: { readonly process: string; ticks: number } | undefined;
  #recent: { readonly process: string; readonly ticks: number }[] = [];
  readonly #rivals = new Set<string>();

  /** A sign of life in a session. */
  heard(ticks: number): void {
    if (this.#holder) this.#holder.ticks = ticks;
  }

  /** A session begins: from now on this process has the name. */
  held(process: string, ticks: number): void {
    this.#holder = { process, ticks };
  }

  /** The holder's connection has ended by itself: whoever comes next puts nobody out. */
  left(): void {
    this.#holder = undefined;
    this.#rivals.clear();
  }

  /** Is another process in possession of the name, as far as one can tell? */
  isHeldByOther(process: string, ticks: number): boolean {
    return this.#holder !== undefined && this.#holder.process !== process && ticks - this.#holder.ticks < ALIVE_MS;
  }

  /** A hello. True if this process is one that fights for the name and was not the first. */
  isRival(process: string, ticks: number): boolean {
    if (this.#holder && ticks - this.#holder.ticks >= ALIVE_MS) this.#rivals.clear();
    this.#recent = this.#recent.filter((each) => ticks - each.ticks < WINDOW_MS);
    // Whoever has the name was there before, however long ago it said hello.
    const { process: holder = process } = this.#holder ?? {};
    for (const each of [holder, process])
      if (this.#recent.at(-1)?.process !== each) this.#recent.push({ process: each, ticks });
    // Two that take turns; others may have come and gone before, as restarts do.
    const turns = this.#recent.slice(-1 - MOST_TURNS).map((each) => each.process);
    const [first, second] = turns;
    const isFight = turns.length > MOST_TURNS && turns.every((each, at) => each === (at % 2 === 0 ? first : second));
    if (isFight && second !== undefined && this.#rivals.size === 0) this.#rivals.add(second);
    return this.#rivals.has(process);
  }
}

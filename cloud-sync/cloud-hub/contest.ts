/** A gateway is taken to be alive for so long after it was last heard: three keep-alives. */
const ALIVE_MS = 90_000;
const WINDOW_MS = 60_000;
/** Processes that take a name back from each other so often within the window are two, not one that restarts. */
const MOST_RETURNS = 3;

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
    // Whoever has the name was there first, however long ago it said hello.
    const { process: holder = process } = this.#holder ?? {};
    if (this.#recent.length === 0 && holder !== process) this.#recent.push({ process: holder, ticks });
    if (this.#recent.at(-1)?.process !== process) this.#recent.push({ process, ticks });
    const returns = this.#recent.filter(({ process: each }, at) =>
      this.#recent.slice(0, at).some((before) => before.process === each),
    );
    if (returns.length >= MOST_RETURNS && this.#rivals.size === 0) {
      // A process that came once and never again, as before a restart, is no party to it.
      const parties = new Set(returns.map(({ process: each }) => each));
      const first = this.#recent.find(({ process: each }) => parties.has(each));
      for (const each of parties) if (each !== first?.process) this.#rivals.add(each);
    }
    return this.#rivals.has(process);
  }
}

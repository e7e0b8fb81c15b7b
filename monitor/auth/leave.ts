type Stop = () => void;

/** Tells what is open for somebody, such as a stream, that they may no longer have it. */
export class Leave {
  readonly #open = new Map<string, Set<Stop>>();

  /** `stop` is called once when what `ref` stands for has ended or changed; the answer takes it back. */
  watch(ref: string, stop: Stop): () => void {
    const held = this.#open.get(ref) ?? new Set<Stop>();
    this.#open.set(ref, held);
    held.add(stop);
    return () => {
      held.delete(stop);
      if (held.size === 0 && this.#open.get(ref) === held) this.#open.delete(ref);
    };
  }

  ended(ref: string): void {
    const held = this.#open.get(ref);
    this.#open.delete(ref);
    for (const stop of held ?? []) stop();
  }
}

/** Lets one loop sleep until something has happened. What happens before it sleeps is not missed. */
export class Wake {
  #happened = false;
  #resolve: (() => void) | undefined;

  notify(): void {
    this.#happened = true;
    this.#resolve?.();
  }

  async wait(): Promise<void> {
    if (!this.#happened) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
      this.#resolve = undefined;
    }
    this.#happened = false;
  }
}

/** Answers come back in any order: what was asked for before what is shown is too old to be shown, and so is what nobody looks at any more. */
export class Turns {
  #of = '';
  #asked = 0;
  #shown = 0;

  /** When a question is asked, and of what. What is given back says, once the answer is there, whether it may be shown. */
  take(of = ''): () => boolean {
    const turn = ++this.#asked;
    this.#of = of;
    return () => {
      if (of !== this.#of || turn < this.#shown) return false;
      this.#shown = turn;
      return true;
    };
  }
}

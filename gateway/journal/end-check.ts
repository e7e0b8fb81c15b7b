import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import { markAfter } from './frame-key.ts';
import type { ReadFrame } from './segment.ts';

/**
 * Can the newest of the frames be among the damaged ones? Then the last whole one does not tell where the numbers end. A damaged
 * frame that lies where numbers are missing is accounted for; one at the end is not, nor one that lies where nothing is missing:
 * a flipped bit in its key has moved it there.
 */
export class EndCheck {
  /** After the last whole frame. */
  next: Seq;
  #isAnyOpen = false;
  #isAnyAstray = false;

  constructor(first: Seq) {
    this.next = first;
  }

  get isWhole(): boolean {
    return !this.#isAnyOpen && !this.#isAnyAstray;
  }

  /** The next entry in the order of the keys. */
  add(read: ReadFrame): void {
    if (read.state === 'damaged') this.#isAnyOpen = true;
    else {
      if (this.#isAnyOpen && read.key.first === this.next) this.#isAnyAstray = true;
      this.#isAnyOpen = false;
      this.next = markAfter(read.key).next;
    }
  }
}

/**
 * Watches the lengths that MQTT packets announce, before anything is buffered: the broker behind it has no limit of its own.
 * The first packet, from a peer that has said nothing yet, must be small.
 */
export class PacketGuard {
  readonly #most: number;
  #limit: number;
  /** Bytes of the packet under way still to come; 0: a header begins. */
  #left = 0;
  /** -1: the packet's type is next; else so many bytes of the length have been read. */
  #lengthBytes = -1;
  #length = 0;

  constructor({ first, most }: { readonly first: number; readonly most: number }) {
    this.#limit = first;
    this.#most = most;
  }

  /** False if a packet is too long or its length malformed. */
  accepts(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
      } else if (!this.#header(chunk[at++] as number)) return false;
    }
    return true;
  }

  #header(byte: number): boolean {
    if (this.#lengthBytes < 0) {
      this.#lengthBytes = 0;
      this.#length = 0;
      return true;
    }
    this.#length += (byte & 127) * 128 ** this.#lengthBytes++;
    if (this.#length > this.#limit) return false;
    if (byte > 127) return this.#lengthBytes < 4;
    this.#left = this.#length;
    this.#lengthBytes = -1;
    this.#limit = this.#most;
    return true;
  }
}

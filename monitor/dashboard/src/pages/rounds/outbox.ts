import type { Answer, Answers, Round } from './round.ts';

/** A walk on its way: begun, or done and not yet at the hub. */
export interface Walk {
  /** Made when it was begun: the hub keeps a walk of one id once, however often it is sent. */
  readonly id: string;
  readonly round: string;
  readonly version: number;
  readonly body: Round;
  /** Who walked: nobody else's session sends it. */
  readonly who: string;
  readonly startedAt: number;
  readonly answers: Answers;
  /** By item. */
  readonly photos: Readonly<Record<string, Blob>>;
}

export interface Done extends Walk {
  readonly finishedAt: number;
  /** The code with which the hub refused it for good. */
  readonly refused?: string;
}

export interface WalkStore {
  all(): Promise<readonly Done[]>;
  put(walk: Done): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface Hub {
  /** Answers the id of the picture. */
  sendPicture(picture: Blob): Promise<string>;
  sendResult(round: string, result: object): Promise<void>;
}

/** The code of an error that no second attempt will mend; undefined if it may be mended. */
export type FinalCode = (error: unknown) => string | undefined;

/** Sends what is kept, oldest first. What cannot be sent now stays; what the hub refuses is marked, never dropped. */
export class Outbox {
  readonly #store: WalkStore;
  readonly #hub: Hub;
  readonly #finalCode: FinalCode;
  #running: Promise<void> | undefined;

  constructor(store: WalkStore, hub: Hub, finalCode: FinalCode) {
    this.#store = store;
    this.#hub = hub;
    this.#finalCode = finalCode;
  }

  /** Settles when all was tried once; one attempt at a time. */
  send(who: string): Promise<void> {
    this.#running ??= this.#sendAll(who).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #sendAll(who: string): Promise<void> {
    const all = await this.#store.all();
    const mine = all.filter((walk) => walk.who === who && walk.refused === undefined);
    for (const walk of [...mine].sort((a, b) => a.finishedAt - b.finishedAt)) {
      try {
        await this.#sendOne(walk);
        await this.#store.remove(walk.id);
      } catch (error) {
        const refused = this.#finalCode(error);
        if (refused === undefined) return;
        await this.#store.put({ ...walk, refused });
      }
    }
  }

  async #sendOne({ id, round, version, startedAt, finishedAt, answers, photos }: Done): Promise<void> {
    const whole: Record<string, Answer> = { ...answers };
    for (const [item, picture] of Object.entries(photos)) {
      whole[item] = { ...whole[item], photo: await this.#hub.sendPicture(picture) };
    }
    await this.#hub.sendResult(round, { id, version, startedAt, finishedAt, answers: whole });
  }
}

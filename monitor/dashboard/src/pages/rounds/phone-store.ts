import type { Done, Walk, WalkStore } from './outbox.ts';
import type { Round } from './round.ts';

/** A round as this phone last saw it. */
export interface KnownRound {
  readonly id: string;
  readonly version: number;
  readonly body: Round;
}

const NAME = 'sluice-rounds';
const STORES = { done: 'id', drafts: 'round', rounds: 'id' } as const;

/** What the phone keeps between visits: rounds, a walk that was begun of each, and walks that wait for the hub. */
export class PhoneStore implements WalkStore {
  #opened: Promise<IDBDatabase> | undefined;

  all(): Promise<readonly Done[]> {
    return this.#ask('done', 'readonly', (store) => store.getAll());
  }

  async put(walk: Done): Promise<void> {
    await this.#ask('done', 'readwrite', (store) => store.put(walk));
  }

  async remove(id: string): Promise<void> {
    await this.#ask('done', 'readwrite', (store) => store.delete(id));
  }

  draft(round: string): Promise<Walk | undefined> {
    return this.#ask('drafts', 'readonly', (store) => store.get(round));
  }

  async keepDraft(walk: Walk): Promise<void> {
    await this.#ask('drafts', 'readwrite', (store) => store.put(walk));
  }

  async dropDraft(round: string): Promise<void> {
    await this.#ask('drafts', 'readwrite', (store) => store.delete(round));
  }

  /** In one step, so that a phone that dies between has neither lost the walk nor has it twice. */
  async finish(walk: Done): Promise<void> {
    const database = await this.#open();
    const transaction = database.transaction(['done', 'drafts'], 'readwrite');
    transaction.objectStore('done').put(walk);
    transaction.objectStore('drafts').delete(walk.round);
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  }

  knownRounds(): Promise<readonly KnownRound[]> {
    return this.#ask('rounds', 'readonly', (store) => store.getAll());
  }

  async keepRound(round: KnownRound): Promise<void> {
    await this.#ask('rounds', 'readwrite', (store) => store.put(round));
  }

  async #ask<T>(
    name: keyof typeof STORES,
    mode: IDBTransactionMode,
    what: (store: IDBObjectStore) => IDBRequest,
  ): Promise<T> {
    const transaction = (await this.#open()).transaction(name, mode);
    const request = what(transaction.objectStore(name));
    return new Promise<T>((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result as T);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  /** Refused in a private window of some browsers. */
  #open(): Promise<IDBDatabase> {
    this.#opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return this.#opened;
  }
}

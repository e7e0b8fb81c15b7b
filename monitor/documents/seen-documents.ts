import { Fault } from '../../core/faults.ts';
import type { Sight } from '../auth/sight.ts';
import type { Document, DocumentHead, DocumentStore } from './document-store.ts';
import { gatewaysIn } from './gateways-in.ts';
import { type DocumentKind, KINDS, type Kind } from './kinds.ts';

/** Documents as somebody may see them: only those that speak of nothing that is hidden from them. */
export class SeenDocuments {
  readonly #store: DocumentStore;
  readonly #sees: Sight;

  constructor(store: DocumentStore, sees: Sight) {
    this.#store = store;
    this.#sees = sees;
  }

  async list(kind: DocumentKind): Promise<readonly DocumentHead[]> {
    if (this.#sees.isAll) return this.#store.list(kind);
    const shown = (await this.all(kind)).map(({ id, name, version, savedAt, savedBy }) => {
      return { id, name, version, savedAt, savedBy };
    });
    return shown.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async all(kind: DocumentKind, keys?: readonly string[]): ReturnType<DocumentStore['all']> {
    return (await this.#store.all(kind, keys)).filter(({ body }) => this.#isSeen(kind, body));
  }

  /** Throws Fault not-found. */
  async get(kind: DocumentKind, id: string, version?: number): Promise<Document> {
    const document = await this.#store.get(kind, id, version);
    if (!this.#isSeen(kind, document.body)) throw new Fault('not-found', `${kind} ${id}`);
    return document;
  }

  /** Throws Fault not-found for somebody else's document, also where it would only be written over. */
  async needChange(kind: DocumentKind, id: string, body: unknown): Promise<void> {
    if (this.#sees.isAll) return;
    if (isEverywhere(kind)) throw new Fault('forbidden', 'this needs all sites');
    for (const gateway of gatewaysIn(body)) this.#sees.need(gateway);
    const standing = (await this.#store.all(kind)).find((document) => document.id === id);
    if (standing && !this.#isSeen(kind, standing.body)) throw new Fault('not-found', `${kind} ${id}`);
  }

  #isSeen(kind: DocumentKind, body: unknown): boolean {
    if (this.#sees.isAll) return true;
    return !isEverywhere(kind) && [...gatewaysIn(body)].every((gateway) => this.#sees.gateway(gateway));
  }
}

function isEverywhere(kind: DocumentKind): boolean {
  const { everywhere }: Kind = KINDS[kind];
  return everywhere === true;
}

import { signal } from '@preact/signals';
import { Refusal } from '../../data/api.ts';
import type { Loaded } from '../../data/loaded.ts';
import {
  type DocumentHead,
  type DocumentKind,
  getDocument,
  listDocuments,
  type SavedDocument,
} from './document-api.ts';

const PAGES = { 'floor-plan': 'plan', board: 'board' } as const satisfies Record<DocumentKind, string>;

/** What there is of a kind, and the one that is open. */
export class Shelf<T extends object> {
  readonly kind: DocumentKind;
  readonly heads = signal<Loaded<readonly DocumentHead[]>>({ state: 'loading' });
  readonly open = signal<Loaded<SavedDocument<T>>>({ state: 'loading' });
  #wanted: string | undefined;

  constructor(kind: DocumentKind) {
    this.kind = kind;
  }

  async list(): Promise<void> {
    try {
      this.heads.value = { state: 'ready', is: await listDocuments(this.kind) };
    } catch (error) {
      this.heads.value = { state: 'failed', why: whyOf(error) };
    }
  }

  async load(id: string): Promise<void> {
    if (this.#wanted !== id) this.open.value = { state: 'loading' };
    this.#wanted = id;
    let held: Loaded<SavedDocument<T>>;
    try {
      held = { state: 'ready', is: await getDocument<T>(this.kind, id) };
    } catch (error) {
      held = { state: 'failed', why: whyOf(error) };
    }
    if (this.#wanted === id) this.open.value = held;
  }

  /** The first part of the address of its page. */
  get page(): string {
    return PAGES[this.kind];
  }

  get taken(): readonly string[] {
    const { value } = this.heads;
    return value.state === 'ready' ? value.is.map(({ id }) => id) : [];
  }
}

function whyOf(error: unknown): string {
  return error instanceof Refusal ? error.code : 'unreachable';
}

import { computed, signal } from '@preact/signals';
import { Refusal } from '../../data/api.ts';
import { begin, change, type History, redo, undo } from '../../kit/history.ts';
import { type DocumentKind, type SavedDocument, saveDocument } from './document-api.ts';

export type Saving =
  | { readonly state: 'idle' | 'saving' }
  | { readonly state: 'conflict'; readonly detail: string }
  | { readonly state: 'refused'; readonly code: string; readonly detail: string };

/** A document while somebody changes it: with the way back, and the version it began from. */
export class DocumentEditor<T extends object> {
  readonly #kind: DocumentKind;
  readonly #from: SavedDocument<T>;
  readonly #history;
  readonly saving = signal<Saving>({ state: 'idle' });
  readonly canUndo;
  readonly canRedo;
  readonly isChanged;

  constructor(kind: DocumentKind, from: SavedDocument<T>) {
    this.#kind = kind;
    this.#from = from;
    this.#history = signal<History<T>>(begin(from.body));
    this.canUndo = computed(() => this.#history.value.past.length > 0);
    this.canRedo = computed(() => this.#history.value.future.length > 0);
    this.isChanged = computed(() => this.#history.value.present !== from.body);
  }

  get body(): T {
    return this.#history.value.present;
  }

  /** `key`: changes of one key in a row are one step back. */
  change(body: T, key?: string): void {
    this.#history.value = change(this.#history.value, body, key);
  }

  undo(): void {
    this.#history.value = undo(this.#history.value);
  }

  redo(): void {
    this.#history.value = redo(this.#history.value);
  }

  /** False if it was refused; `saving` says why. */
  save(): Promise<boolean> {
    return this.#send(this.#from.id, this.#from.version);
  }

  saveAs(id: string): Promise<boolean> {
    return this.#send(id, 0);
  }

  /** The question is over; what was changed is still here. */
  settle(): void {
    this.saving.value = { state: 'idle' };
  }

  async #send(id: string, from: number): Promise<boolean> {
    this.saving.value = { state: 'saving' };
    try {
      await saveDocument(this.#kind, id, from, this.body);
      this.saving.value = { state: 'idle' };
      return true;
    } catch (error) {
      const code = error instanceof Refusal ? error.code : 'unreachable';
      const detail = error instanceof Refusal ? (error.detail ?? '') : '';
      this.saving.value =
        code === 'document-changed' ? { state: 'conflict', detail } : { state: 'refused', code, detail };
      return false;
    }
  }
}

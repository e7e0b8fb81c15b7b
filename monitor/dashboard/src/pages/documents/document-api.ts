import { ask, post, Refusal } from '../../data/api.ts';

export type DocumentKind = 'floor-plan' | 'board';

export interface DocumentHead {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly savedAt: number;
  readonly savedBy: string;
}

export interface SavedDocument<T> extends DocumentHead {
  readonly body: T;
}

export async function listDocuments(kind: DocumentKind): Promise<readonly DocumentHead[]> {
  return (await ask<{ documents: DocumentHead[] }>(`/documents/${kind}`)).documents;
}

export function getDocument<T>(kind: DocumentKind, id: string, version?: number): Promise<SavedDocument<T>> {
  return ask(`/documents/${kind}/${id}${version === undefined ? '' : `?version=${version}`}`);
}

export async function listVersions(kind: DocumentKind, id: string): Promise<readonly DocumentHead[]> {
  return (await ask<{ versions: DocumentHead[] }>(`/documents/${kind}/${id}/versions`)).versions;
}

/** `from`: the version that was changed; 0 for a new one. Throws Refusal document-changed. */
export function saveDocument(kind: DocumentKind, id: string, from: number, body: object): Promise<DocumentHead> {
  return post(`/documents/${kind}/${id}`, { from, body });
}

export function removeDocument(kind: DocumentKind, id: string, from: number): Promise<object> {
  return post(`/documents/${kind}/${id}/remove`, { from });
}

/** An id for a new document: from its name where that has letters an id can have, else from its kind; the first that is free. */
export function newDocumentId(name: string, fallback: string, taken: readonly string[]): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  const base = words === '' ? fallback : words;
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}-${number}`)) number++;
  return `${base}-${number}`;
}

export interface Kept {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** Sends a picture; `onShare` hears how much of it has gone, 0 to 1. Throws Refusal picture-refused with the hub's reason. */
export function sendPicture(file: Blob, onShare: (share: number) => void): Promise<Kept> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/v1/pictures');
    request.setRequestHeader('content-type', file.type);
    request.setRequestHeader('accept', 'application/json');
    request.upload.onprogress = ({ loaded, total }) => onShare(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new TypeError('the hub cannot be reached'));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status < 300) resolve(answer as unknown as Kept);
      else reject(new Refusal(request.status, answer.code ?? 'unknown', 0, answer.detail));
    };
    request.send(file);
  });
}

function parsed(text: string): { readonly code?: string; readonly detail?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export function pictureUrl(id: string): string {
  return `/api/v1/pictures/${id}`;
}

import { z } from 'zod';

/** Ids within a document are made in the page. */
export const partId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { message: 'expected a short id such as room-2' });
/** What people read: the same in every language, since they write it in theirs. */
export const label = z.string().trim().min(1).max(100);
/** `gateway/device/point`. */
export const pointId = z.string().min(5).max(300);
/** `gateway/device`. */
export const deviceId = z.string().min(3).max(200);
/** Of a picture that the hub has: the hash of its bytes. */
export const pictureId = z.string().regex(/^[0-9a-f]{32}$/, { message: 'expected the id of a picture' });

/** No two parts of one list have the same id. */
export function distinct<T extends { readonly id: string }>(parts: readonly T[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { id }] of parts.entries()) {
    if (seen.has(id)) context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is there twice` });
    seen.add(id);
  }
}

import { useEffect, useMemo, useState } from 'preact/hooks';
import { address } from '../../app/address.ts';
import { session } from '../../data/store.ts';
import type { DocumentKind } from './document-api.ts';
import { Shelf } from './shelf.ts';

/** The documents of a kind, the one of them that the address names (else the first), and whether it is being edited. */
export function useDocuments<T extends object>(kind: DocumentKind) {
  const shelf = useMemo(() => new Shelf<T>(kind), [kind]);
  const [edited, setEdited] = useState<string | undefined>();
  const held = session.value;
  const isIn = held.state === 'in';
  const heads = shelf.heads.value;
  const wanted = address.value.rest[0] ?? (heads.state === 'ready' ? heads.is[0]?.id : undefined);
  useEffect(() => {
    if (isIn) void shelf.list();
  }, [isIn]);
  useEffect(() => {
    setEdited(undefined);
    if (isIn && wanted !== undefined) void shelf.load(wanted);
  }, [isIn, wanted]);
  const loaded = shelf.open.value;
  const open = wanted !== undefined && loaded.state === 'ready' && loaded.is.id === wanted ? loaded.is : undefined;
  return {
    ...{ shelf, wanted, open },
    role: isIn ? held.me.role : undefined,
    isEdited: open !== undefined && edited === open.id,
    edit: () => setEdited(open?.id),
    leave: () => setEdited(undefined),
  };
}

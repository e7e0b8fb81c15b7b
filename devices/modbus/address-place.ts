import type { Complain } from './address-checks.ts';
import type { Table } from './register-types.ts';

export type Place = { readonly table: Table; readonly register: number };

/** Where the document or the wire says that something stands; complaints go to `key`s of the address. */
export function place(
  { table, register, doc }: { table?: Table | undefined; register?: number | undefined; doc?: number | undefined },
  complain: Complain,
): Place {
  const nowhere: Place = { table: table ?? 'holding', register: 0 };
  if (register !== undefined && doc !== undefined) {
    complain('doc', 'give `register` (as on the wire) or `doc` (as in the document), not both');
    return nowhere;
  }
  if (doc !== undefined) {
    const found = table === undefined ? documentPlace(doc) : { table, register: doc - 1 };
    if (found === undefined || found.register > 65_535) complain('doc', 'is no document number such as 40041 or 30001');
    return found ?? nowhere;
  }
  if (table === undefined) complain('table', 'is missing: one of coil, discrete, holding, input');
  if (register === undefined) complain('register', 'is missing: zero-based, as on the wire');
  return { table: nowhere.table, register: register ?? 0 };
}

const PREFIXES: readonly (Table | undefined)[] = ['coil', 'discrete', undefined, 'input', 'holding'];

/** The classic numbering: the first figure names the table, the rest counts from 1. */
function documentPlace(doc: number): Place | undefined {
  const size = doc >= 100_000 ? 100_000 : 10_000;
  const table = PREFIXES[Math.floor(doc / size)];
  const register = (doc % size) - 1;
  return table === undefined || register < 0 ? undefined : { table, register };
}

import { isWideOrder } from './byte-order.ts';
import type { RegisterType, Table } from './register-types.ts';

export type Complain = (key: string, message: string) => void;
type TypeGiven = { type?: RegisterType | undefined; length?: number | undefined; byteOrder?: string | undefined };

export function checkType(table: Table, { type }: TypeGiven, complain: Complain): void {
  const single = table === 'coil' || table === 'discrete';
  if (!single && type === undefined) complain('type', 'is missing: say what the register holds');
  if (single && type !== undefined && type !== 'bool') complain('type', `a ${table} is a bool`);
}

export function checkLength(
  { register, type, length, usual }: { register: number; type: RegisterType; length: number; usual: number },
  given: TypeGiven,
  complain: Complain,
): void {
  if (type !== 'string' && length !== usual) complain('length', 'only strings have a length');
  if (type === 'string' && given.length === undefined) {
    complain('length', 'is missing: how many registers the text takes');
  }
  if (register + length > 65_536) complain('register', `a ${type} at ${register} ends beyond register 65535`);
  if (isWideOrder(given.byteOrder ?? '') && length !== 4) complain('byteOrder', `${type} is not a 64-bit type`);
}

type UseGiven = {
  writeWith: string;
  scale: number;
  offset: number;
  bit?: number | undefined;
  bits: object;
  half?: string | undefined;
};

/** What would have no effect is a mistake. */
export function checkUse(type: RegisterType, table: Table, given: UseGiven, complain: Complain): void {
  if (type === 'bool' || type === 'string' || type === 'bits') {
    if (given.scale !== 1) complain('scale', `a ${type} is not scaled`);
    if (given.offset !== 0) complain('offset', `a ${type} is not scaled`);
  }
  if (given.half !== undefined && type !== 'string') complain('half', 'is for strings of one character a register');
  if (Object.keys(given.bits).length > 0 && type !== 'bits') complain('bits', 'are for type bits');
  checkBit(type, table, given, complain);
}

function checkBit(type: RegisterType, table: Table, { bit, writeWith }: UseGiven, complain: Complain): void {
  const isOneBit = table === 'coil' || table === 'discrete';
  if (bit !== undefined && (type !== 'bool' || isOneBit)) complain('bit', 'is for a bool in a register');
  if (bit === undefined && writeWith === 'mask') complain('writeWith', '`mask` is for one bit of a register');
}

type DerivedGiven = { scaleFrom?: object | undefined; transform?: string | undefined };

/** A scale factor is for whole numbers, a transform for numbers. */
export function checkDerived(type: RegisterType, given: DerivedGiven, complain: Complain): void {
  if (given.scaleFrom !== undefined && !/^u?int/.test(type)) complain('scaleFrom', `a ${type} has no scale factor`);
  if (given.transform !== undefined && ['bool', 'string', 'bits'].includes(type)) {
    complain('transform', `a ${type} has none`);
  }
}

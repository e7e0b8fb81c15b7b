import { createHash } from 'node:crypto';
import type { UnixMs } from '../../core/reading.ts';

/**
 * How an act went. begun: its outcome stands in a later row, or the hub stopped in between and nobody knows. refused: nothing was
 * changed. failed: for a reason of the hub's own.
 */
export const OUTCOMES = ['begun', 'done', 'refused', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How somebody came: certificate is a gateway, console a command on the hub's machine, none has shown nothing. */
export const VIAS = ['session', 'oidc', 'key', 'demo', 'console', 'certificate', 'none'] as const;
export type Via = (typeof VIAS)[number];

export interface Act {
  readonly who: string;
  readonly via: Via;
  /** IP address; '' on the hub's machine. */
  readonly address: string;
  /** What was done: the path of the call without its names, or the command. */
  readonly action: string;
  /** To what: a user, an alarm, a document. */
  readonly object: string;
  readonly outcome: Outcome;
  /** Number of the row whose outcome this is. */
  readonly of: number | undefined;
  /** The fault's code, if it was refused or failed. */
  readonly code: string;
  /** What was asked for, before and after: a small JSON object, or ''. */
  readonly detail: string;
}

export interface AuditRow extends Act {
  /** 1, 2, 3, … without a gap. */
  readonly n: number;
  readonly at: UnixMs;
  /** SHA-256 over the hash of the row before and all of this one, hex. */
  readonly hash: string;
}

/** Before the first row. */
export const GENESIS = '0'.repeat(64);

const LONGEST = 300;
export const LONGEST_DETAIL = 2000;

/** The hash of a row; `before` is that of the row before it. docs/people.md describes it, so that others can check it. */
export function hashOf(before: string, row: Omit<AuditRow, 'hash'>): string {
  const { n, at, who, via, address, action, object, outcome, of, code, detail } = row;
  const told = JSON.stringify([n, at, who, via, address, action, object, outcome, of ?? null, code, detail]);
  return createHash('sha256').update(`${before}\n${told}`).digest('hex');
}

/** As it can be stored and read back to the same bytes: no control characters, no half of a character, not too long. */
export function tidy(text: string, longest = LONGEST): string {
  const whole = Buffer.from(text.slice(0, longest), 'utf8').toString('utf8');
  return whole.replace(/\p{Cc}/gu, ' ');
}

export interface Chain {
  /** Rows that follow from each other, from the first on. */
  readonly upTo: number;
  /** Hash of the last of them: noted down elsewhere, it proves later that nothing before it was changed. */
  readonly head: string;
  readonly broken: { readonly n: number; readonly why: 'altered' | 'missing' | 'out-of-order' } | undefined;
}

/** Walks rows as they stand; stops at the first that does not follow from the one before. */
export class ChainWalk {
  #upTo = 0;
  #head = GENESIS;
  #broken: Chain['broken'];

  get chain(): Chain {
    return { upTo: this.#upTo, head: this.#head, broken: this.#broken };
  }

  /** Is it whole up to this row? */
  take(row: AuditRow): boolean {
    if (this.#broken) return false;
    const expected = this.#upTo + 1;
    if (row.n !== expected) {
      this.#broken = { n: expected, why: row.n > expected ? 'missing' : 'out-of-order' };
      return false;
    }
    if (hashOf(this.#head, row) !== row.hash) {
      this.#broken = { n: row.n, why: 'altered' };
      return false;
    }
    this.#upTo = row.n;
    this.#head = row.hash;
    return true;
  }
}

import { type Fault, isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { AuditLog } from './audit-log.ts';
import { type Act, LONGEST_DETAIL, tidy, type Via } from './audit-row.ts';
import type { RefusalPace } from './refusal-pace.ts';

/** Known from the start. */
export type Asked = Pick<Act, 'address' | 'action' | 'object'>;

/** What an act's own code knows of it. Never a secret. */
export interface Noted {
  readonly who?: string;
  readonly object?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly asked?: unknown;
  /** Of a refusal that only an administrator is told. */
  readonly why?: string;
}

/** One act in the log: a row before it, where that is asked for, and one after it. */
export class Recording {
  readonly #log: AuditLog;
  readonly #asked: Asked;
  #who = '';
  #via: Via = 'none';
  #noted: Noted = {};
  #begun: number | undefined;

  constructor(log: AuditLog, asked: Asked) {
    this.#log = log;
    this.#asked = asked;
  }

  by(who: string, via: Via): void {
    this.#who = who;
    this.#via = via;
  }

  /** Goes into the rows that are still to come; what is noted later is added. */
  note(noted: Noted): void {
    this.#noted = { ...this.#noted, ...noted };
  }

  /** From here on the act may change something: there is a row of it, whatever happens next. Throws Fault archive-write. */
  async begin(): Promise<void> {
    this.#begun ??= await this.#log.append(this.#row('begun'));
  }

  /** Throws Fault archive-write. */
  async done(): Promise<void> {
    await this.#log.append(this.#row('done'));
  }

  /** A refusal that has no row yet is written as the pace allows. */
  async ended(error: unknown, { pace, log }: { readonly pace: RefusalPace; readonly log: Log }): Promise<void> {
    const fault: Fault | undefined = isFault(error) ? error : undefined;
    const isOurs = fault === undefined || fault.code === 'archive-write';
    if (this.#begun === undefined) {
      const { write, isLast } = pace.ask(this.#asked.address);
      if (!write) return;
      if (isLast) this.note({ after: 'more of this are not written for a while' });
    }
    try {
      await this.#log.append(this.#row(isOurs ? 'failed' : 'refused', fault?.code ?? 'internal'));
    } catch (failure) {
      // The row that began it stands, and the error on its way says more than this one.
      log.error({ err: failure, action: this.#asked.action }, 'the outcome of an act is not in the audit log');
    }
  }

  #row(outcome: Act['outcome'], code = ''): Act {
    const { who = this.#who, object = this.#asked.object, ...detail } = this.#noted;
    const { address, action } = this.#asked;
    return {
      ...{ who: this.#who === '' ? who : this.#who, via: this.#via, address, action, object },
      ...{ outcome, of: this.#begun, code, detail: detailText(detail) },
    };
  }
}

function detailText(detail: object): string {
  const text = tidy(JSON.stringify(detail), Number.POSITIVE_INFINITY);
  if (text === '{}') return '';
  return text.length <= LONGEST_DETAIL ? text : JSON.stringify({ tooLong: text.length });
}

/** Some of the fields of a request, by name: what is not named stays out of the log. */
export function askedFor(body: unknown, names: readonly string[] = []): Noted {
  const held = names.map((name) => [name, (body as Record<string, unknown> | undefined)?.[name]] as const);
  const given = held.filter(([, value]) => value !== undefined && value !== null);
  return given.length === 0 ? {} : { asked: Object.fromEntries(given) };
}

import { Fault } from '../../core/faults.ts';
import type { Access } from './access.ts';

/** What of the plant somebody may see. Every call of the API asks here, and what is not to be seen is not there: it is "not found". */
export class Sight {
  readonly #sites: ReadonlySet<string> | undefined;
  readonly #siteOf: (gateway: string) => string | undefined;

  /** `siteOf` a gateway, as its catalogue says; undefined if it has said nothing: only who sees all sees it. */
  constructor(access: Access | undefined, siteOf: (gateway: string) => string | undefined) {
    this.#sites = access && access.sites === undefined ? undefined : new Set(access?.sites);
    this.#siteOf = siteOf;
  }

  /** Nothing is hidden. */
  get isAll(): boolean {
    return this.#sites === undefined;
  }

  gateway(id: string): boolean {
    return this.#sites === undefined || this.#sites.has(this.#siteOf(id) ?? '');
  }

  /** `gateway/device` or `gateway/device/point`. */
  place(id: string): boolean {
    return this.isAll || this.gateway(id.split('/', 1)[0] ?? '');
  }

  /** `gateway~…` */
  alarm(id: string): boolean {
    return this.isAll || this.gateway(id.split('~', 1)[0] ?? '');
  }

  /** Throws Fault not-found. */
  need(gateway: string): void {
    if (!this.gateway(gateway)) throw new Fault('not-found', `gateway ${gateway}`);
  }

  /** Throws Fault not-found. */
  needAlarm(id: string): void {
    if (!this.alarm(id)) throw new Fault('not-found', `alarm ${id}`);
  }
}

import type { UnixMs } from './reading.ts';

/** Offsets of all zones change on whole quarters of an hour of UTC. */
const QUARTER = 900_000;

/** Offset of a time zone from UTC, in milliseconds, at an instant. `zone` is an IANA name. */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat;
  /** The costly look-up is made once for many instants. */
  #quarter = Number.NaN;
  #offset = 0;

  /** Throws RangeError if there is no such zone. */
  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  }

  offset(at: UnixMs): number {
    const quarter = Math.floor(at / QUARTER);
    if (quarter === this.#quarter) return this.#offset;
    const name = this.#format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?/.exec(name) ?? [];
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    this.#quarter = quarter;
    this.#offset = sign === '-' ? -size : size;
    return this.#offset;
  }
}

/** Is it a time zone this machine knows? */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The zone of this machine. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

import { bad, good, type Outcome } from '../../core/reading.ts';

/** Years come in two digits: 81 to 99 are of the century before [EN 13757-3:2018, annex A, type F]. */
const LAST_OF_THIS_CENTURY = 80;
const EVERY_YEAR = 127;

/** `2026-11-21` of a type G date. */
export function dateOf(data: Buffer): Outcome {
  const day = data.length === 2 ? dayOf(data) : undefined;
  return day === undefined ? bad('no-value') : good(day);
}

/** `2026-11-21T09:30` of a type F time point, with seconds of a type I one: by the meter's own clock, whatever zone that keeps. */
export function dateTimeOf(data: Buffer): Outcome {
  if (data.length === 2) return dateOf(data);
  const at = data.length === 6 ? 1 : 0;
  if (data.length !== 4 && data.length !== 6) return bad('unexpected-data');
  const [minute, hour] = [data[at] as number, data[at + 1] as number];
  const day = dayOf(data.subarray(at + 2));
  const isInvalid = (minute & 0x80) !== 0 || day === undefined || (minute & 0x3f) > 59 || (hour & 0x1f) > 23;
  if (isInvalid) return bad('no-value');
  const seconds = at === 1 ? `:${twoDigits((data[0] as number) & 0x3f)}` : '';
  return good(`${day}T${twoDigits(hour & 0x1f)}:${twoDigits(minute & 0x3f)}${seconds}`);
}

function dayOf(data: Buffer): string | undefined {
  const [low, high] = [data[0] as number, data[1] as number];
  const year = (low >> 5) | ((high >> 4) << 3);
  const [month, day] = [high & 0x0f, low & 0x1f];
  if (year === EVERY_YEAR || year > 99 || month < 1 || month > 12 || day < 1) return undefined;
  return `${year <= LAST_OF_THIS_CENTURY ? 2000 + year : 1900 + year}-${twoDigits(month)}-${twoDigits(day)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

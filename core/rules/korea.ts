import { instant } from '../clock.ts';
import { weekdayOf } from './schedule.ts';

/**
 * Public holidays of the Republic of Korea, computed [공휴일에 관한 법률; 관공서의 공휴일에 관한 규정, 제2조, 제3조]. Days of elections and days that
 * the government declares for one year are not: they go into the configuration's own list.
 */
export interface KoreanHoliday {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly name: string;
}

const DAY_MS = 86_400_000;

/** Which days off are made good: on weekends, on Sundays only (and where two holidays meet), or never. */
type MadeGood = 'weekend' | 'sunday' | 'never';

interface Feast {
  readonly name: string;
  readonly days: readonly number[];
  readonly madeGood: MadeGood;
}

/** `since`: the first year in which it is a day off by today's law. */
type Solar = readonly [name: string, month: number, day: number, madeGood: MadeGood, since?: number];

const SOLAR: readonly Solar[] = [
  ['신정', 1, 1, 'never'],
  ['3·1절', 3, 1, 'weekend'],
  ['노동절', 5, 1, 'weekend', 2026],
  ['어린이날', 5, 5, 'weekend'],
  ['현충일', 6, 6, 'never'],
  ['제헌절', 7, 17, 'weekend', 2026],
  ['광복절', 8, 15, 'weekend'],
  ['개천절', 10, 3, 'weekend'],
  ['한글날', 10, 9, 'weekend'],
  ['기독탄신일', 12, 25, 'weekend'],
];

/** All of a year, in order of their days; a day on which two meet stands there twice. */
export function koreanHolidays(year: number): KoreanHoliday[] {
  const feasts = feastsOf(year);
  const plain = feasts.flatMap(({ name, days }) => days.map((day) => ({ day, name })));
  const taken = new Set(plain.map(({ day }) => day));
  const substitutes: KoreanHoliday[] = [];
  for (const feast of feasts) {
    for (const day of feast.days) {
      if (!isMadeGood(day, feast, feasts)) continue;
      let next = (feast.days.at(-1) as number) + 1;
      while (taken.has(next) || ['sat', 'sun'].includes(weekdayOf(next))) next += 1;
      taken.add(next);
      substitutes.push({ day: next, name: `대체공휴일(${feast.name})` });
    }
  }
  return [...plain, ...substitutes].sort((a, b) => a.day - b.day);
}

function feastsOf(year: number): Feast[] {
  const dangi = lunarCalendar();
  const newYear = lunarDay(dangi, year, 1, 1);
  const harvest = lunarDay(dangi, year, 8, 15);
  const lunar: Feast[] = [
    { name: '설날', days: [newYear - 1, newYear, newYear + 1], madeGood: 'sunday' },
    { name: '부처님오신날', days: [lunarDay(dangi, year, 4, 8)], madeGood: 'weekend' },
    { name: '추석', days: [harvest - 1, harvest, harvest + 1], madeGood: 'sunday' },
  ];
  const solar = SOLAR.filter(([, , , , since = 0]) => year >= since).map(([name, month, day, madeGood]): Feast => {
    return { name, days: [solarDay(year, month, day)], madeGood };
  });
  return [...solar, ...lunar].sort((a, b) => (a.days[0] as number) - (b.days[0] as number));
}

/** Of two that meet on one day, one is made good. */
function isMadeGood(day: number, feast: Feast, feasts: readonly Feast[]): boolean {
  if (feast.madeGood === 'never') return false;
  const weekday = weekdayOf(day);
  if (weekday === 'sun' || (weekday === 'sat' && feast.madeGood === 'weekend')) return true;
  const meeting = feasts.filter(({ days }) => days.includes(day));
  const last = meeting.filter(({ madeGood }) => madeGood !== 'never').at(-1);
  return meeting.length > 1 && weekday !== 'sat' && last === feast;
}

function solarDay(year: number, month: number, day: number): number {
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  return instant(`${text}T00:00:00Z`).getTime() / DAY_MS;
}

/** Made for each year that is asked for, of which most processes ask none: a calendar of the moon costs megabytes of tables. */
function lunarCalendar(): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-u-ca-dangi', {
    ...{ timeZone: 'UTC', year: 'numeric', month: 'numeric', day: 'numeric' },
  });
}

/** The lunar year begins between 20 January and 21 February; a leap month bears another name. */
function lunarDay(dangi: Intl.DateTimeFormat, year: number, month: number, day: number): number {
  const from = solarDay(year, 1, 19) + (month - 1) * 29;
  for (let at = from; at < from + 75; at += 1) {
    const parts = dangi.formatToParts(at * DAY_MS);
    const of = (wanted: string) => parts.find(({ type }) => type === wanted)?.value;
    if (of('month') === String(month) && of('day') === String(day)) return at;
  }
  throw new TypeError(`no day ${month}/${day} in the lunar year ${year}`);
}

import type { Titles } from '../../../core/units.ts';
import type { ReportData } from '../data.ts';
import { SiteTime, titleIn } from '../format.ts';
import type { Chart, ReportLanguage } from '../report.ts';
import { type Say, wordsOf } from '../words.ts';

/** What every section is written with. */
export interface Scene {
  readonly data: ReportData;
  readonly language: ReportLanguage;
  readonly say: Say;
  readonly time: SiteTime;
  /** What a device or point is called. */
  readonly name: (id: string) => string;
  readonly title: (titles: Titles, name: string) => string;
  readonly ticks: Chart['ticks'];
}

const HOURS_BETWEEN = 3;
const MOST_TICKS = 16;

export function sceneOf(data: ReportData, language: ReportLanguage, dayStarts: readonly number[]): Scene {
  const time = new SiteTime(data.zone);
  const title = (titles: Titles, name: string) => titleIn(titles, language, name);
  const name = (id: string) => {
    const own = titleIn(data.titles.get(id), language, id.slice(id.lastIndexOf('/') + 1));
    const parts = id.split('/');
    if (parts.length < 3) return own;
    const device = `${parts[0]}/${parts[1]}`;
    return `${titleIn(data.titles.get(device), language, parts[1] ?? '')} · ${own}`;
  };
  const { from, to, kind } = data.period;
  const stepMs = HOURS_BETWEEN * 3_600_000;
  const hours = Array.from({ length: Math.ceil((to - from) / stepMs) }, (_, index) => from + index * stepMs);
  const every = Math.ceil(dayStarts.length / MOST_TICKS);
  const ticks =
    kind === 'daily'
      ? hours.map((at) => ({ at, text: time.hour(at) }))
      : dayStarts.filter((_, index) => index % every === 0).map((at) => ({ at, text: time.day(at) }));
  return { data, language, say: wordsOf(language), time, name, title, ticks };
}

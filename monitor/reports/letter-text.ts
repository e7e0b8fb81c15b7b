import type { Report } from './report.ts';
import { wordsOf } from './words.ts';

/** The words of the letter that a report comes with: who reads only that knows what matters. `due`: it comes late, and should have come then. */
export function letterText({ title, facts, summary, language }: Report, due: string | undefined): string {
  const say = wordsOf(language);
  return [
    title,
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...(due === undefined ? [] : ['', say('letter.late', { time: due })]),
    ...summary.flatMap(({ title: topic, lines }) => ['', `[${topic}]`, ...lines]),
    '',
  ].join('\r\n');
}

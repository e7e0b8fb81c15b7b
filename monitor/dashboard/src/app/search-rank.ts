export interface Findable {
  readonly kind: 'page' | 'action' | 'alarm' | 'equipment' | 'point';
  readonly title: string;
  /** Where it is, or what it is about. */
  readonly detail: string;
  /** Everything else it may be called: the other language, its id. */
  readonly words: readonly string[];
  readonly hash: string;
}

const BY_KIND: Readonly<Record<Findable['kind'], number>> = { page: 4, action: 3, alarm: 2, equipment: 1, point: 0 };

/** The best first; each word of the query must be somewhere in what is found. */
export function rank(query: string, items: readonly Findable[], most: number): readonly Findable[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items.filter(({ kind }) => kind === 'page' || kind === 'alarm').slice(0, most);
  return items
    .map((item) => ({ item, score: scoreOf(words, item) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.item.title.localeCompare(b.item.title))
    .slice(0, most)
    .map(({ item }) => item);
}

function scoreOf(words: readonly string[], item: Findable): number {
  const title = item.title.toLowerCase();
  const rest = [...item.words, item.detail].map((text) => text.toLowerCase());
  let sum = 0;
  for (const word of words) {
    const score = Math.max(4 * fitOf(word, title), ...rest.map((text) => fitOf(word, text)));
    if (score === 0) return 0;
    sum += score;
  }
  return 10 * sum + (title === words.join(' ') ? 100 : 0) + BY_KIND[item.kind];
}

/** At the beginning, at the beginning of a word, anywhere. */
function fitOf(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at < 0) return 0;
  if (at === 0) return 3;
  return /[\s\-_./·›]/.test(text[at - 1] ?? '') ? 2 : 1;
}

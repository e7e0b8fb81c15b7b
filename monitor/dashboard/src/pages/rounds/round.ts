/** An inspection round as the hub keeps it; each optional part may be left out. */
export interface Round {
  readonly name: string;
  readonly due?: Due;
  readonly places: readonly Place[];
}

export interface Due {
  readonly timezone: string;
  readonly by: string;
  readonly days: readonly Day[];
  readonly dayOfMonth?: number;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export interface Place {
  readonly id: string;
  readonly name: string;
  readonly items: readonly Item[];
}

export interface Item {
  readonly id: string;
  readonly text: string;
  readonly kind: 'ok' | 'number' | 'text';
  readonly device?: string;
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly photo?: boolean;
}

export interface Answer {
  readonly ok?: boolean;
  readonly number?: number;
  readonly text?: string;
  readonly note?: string;
  /** The id of a picture that the hub has. */
  readonly photo?: string;
}

export type Answers = Readonly<Record<string, Answer>>;

export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly lastDone: number | null;
  readonly due?: { readonly state: 'done' | 'open' | 'overdue'; readonly next: number; readonly missed?: number };
}

/** A walk that the hub has. */
export interface Found {
  readonly id: string;
  readonly version: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly receivedAt: number;
  readonly by: string;
  readonly answers: Answers;
  readonly abnormal: readonly string[];
}

export function itemsOf({ places }: Round): readonly Item[] {
  return places.flatMap(({ items }) => items);
}

/** What still has to be answered before the round can be handed in. `photos`: items of which a picture was taken. */
export function missingOf(round: Round, answers: Answers, photos: ReadonlySet<string>): readonly Item[] {
  return itemsOf(round).filter(({ id, kind, photo }) => {
    const given = answers[id]?.[kind];
    return given === undefined || given === '' || (photo === true && !photos.has(id));
  });
}

/** A value beyond its limits, or what somebody called not in order. */
export function isAbnormal({ min, max }: Item, answer: Answer | undefined): boolean {
  if (answer?.ok === false) return true;
  const value = answer?.number;
  return (
    value !== undefined && (value < (min ?? Number.NEGATIVE_INFINITY) || value > (max ?? Number.POSITIVE_INFINITY))
  );
}

/** As typed on any keyboard; undefined if it is no number. A comma is a thousand here and a decimal there: it is refused. */
export function toNumber(text: string): number | undefined {
  const trimmed = text.trim().replace('−', '-');
  return /^-?(\d+\.?\d*|\.\d+)$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** `10 – 30 °C`, `≤ 80 %`. */
export function rangeText({ min, max, unit = '' }: Item): string | undefined {
  if (min === undefined && max === undefined) return undefined;
  const range = min === undefined ? `≤ ${max}` : max === undefined ? `≥ ${min}` : `${min} – ${max}`;
  return `${range} ${unit}`.trim();
}

const ORDER = { overdue: 0, open: 1, none: 2, done: 3 } as const;

/** What has been missed first, then what comes next. */
export function inOrder(list: readonly Listed[]): readonly Listed[] {
  const rank = ({ due }: Listed) => ORDER[due?.state ?? 'none'];
  return [...list].sort((a, b) => rank(a) - rank(b) || (a.due?.next ?? 0) - (b.due?.next ?? 0));
}

/** Ids are made here, so that what is sent twice is kept once. */
export function makeId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `${prefix}-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

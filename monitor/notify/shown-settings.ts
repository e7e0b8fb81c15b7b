import { type Kept, receiverPlace, SECRET_KEYS, SMTP_PLACE, secretsAt } from './kept-settings.ts';
import type { NotifySettings, ReceiverSettings } from './settings.ts';
import type { SettingsDesk } from './settings-desk.ts';

/** Who says it. */
export type Source = 'hub.yaml' | 'page';

/** Settings as they may be read, and the keys of the secrets that go with them: never a secret. */
export interface Shown {
  readonly source: Source;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: readonly string[];
}

/** All of it, by who says it. Times of day are texts such as 22:00. */
export function shownSettings({ base, kept, inUse }: SettingsDesk) {
  const { settings } = inUse;
  const receivers = Object.entries(settings.receivers).map(([name, each]) => {
    const isOwn = base?.receivers[name] === undefined && kept.receivers[name] !== undefined;
    return { name, ...(isOwn ? ownShown(kept, receiverPlace(name), each) : fileShown(each)) };
  });
  const smtp = settings.smtp && (base?.smtp ? fileShown(settings.smtp) : ownShown(kept, SMTP_PLACE, settings.smtp));
  const rosters = Object.entries(settings.roster).map(([name, { timezone, turns }]) => ({
    ...{ name, source: sourceOf(base?.roster[name] !== undefined), timezone: timezone ?? null },
    turns: turns.map((turn) => ({ ...turn, from: timeText(turn.from), to: timeText(turn.to) })),
  }));
  return {
    timezone: { source: sourceOf(base !== undefined), name: settings.timezone, isSet: kept.timezone !== undefined },
    ...{ receivers, smtp: smtp ?? null, rosters },
    escalation: {
      source: sourceOf((base?.escalation.length ?? 0) > 0),
      steps: settings.escalation.map(({ after, to }) => ({ afterMs: after, to })),
    },
    heartbeat: settings.heartbeat ? { everyMs: settings.heartbeat.every } : null,
  };
}

function sourceOf(isOfFile: boolean): Source {
  return isOfFile ? 'hub.yaml' : 'page';
}

function ownShown(kept: Kept, place: string, settings: object): Shown {
  return { source: 'page', settings: open(settings), secrets: secretsAt(kept, place) };
}

/** Addresses of hub.yaml stay there: some are secrets that nobody declared to be. */
function fileShown(given: ReceiverSettings | NonNullable<NotifySettings['smtp']>): Shown {
  const { url: _, body: __, ...settings } = open(given);
  const known = SECRET_KEYS['kind' in given ? given.kind : 'smtp'];
  const secrets = Object.keys(known).filter((key) => [key, known[key]].some((each) => isGiven(given, each)));
  return { source: 'hub.yaml', settings, secrets };
}

function isGiven(settings: object, key: string | undefined): boolean {
  return key !== undefined && (settings as Record<string, unknown>)[key] !== undefined;
}

function open(settings: object): Record<string, unknown> {
  const known = SECRET_KEYS['kind' in settings ? (settings as ReceiverSettings).kind : 'smtp'];
  const hidden = new Set([...Object.keys(known), ...Object.values(known)]);
  hidden.delete('url');
  if ('kind' in settings && settings.kind === 'slack') hidden.add('url');
  const pairs = Object.entries(settings).filter(([key]) => !hidden.has(key));
  const shown = Object.fromEntries(pairs);
  const { quietHours } = shown as { quietHours?: { from: number; to: number } };
  if (!quietHours) return shown;
  return { ...shown, quietHours: { ...quietHours, from: timeText(quietHours.from), to: timeText(quietHours.to) } };
}

/** `22:00` of minutes; the end of the day is its beginning. */
function timeText(minutes: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

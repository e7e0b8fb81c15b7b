import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { ask, type ConfigProblem } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { Turns } from '../../data/turns.ts';

/** How far the newest version is; see the hub's API. */
export type ConfigPhase = 'unknown' | 'file' | 'own' | 'wanted' | 'sent' | 'trial' | 'applied' | 'refused' | 'returned';

export interface ConfigHead {
  readonly version: number;
  readonly savedAt: number;
  readonly savedBy: string;
}

export interface ConfigOutcome {
  readonly at: number;
  readonly version: number;
  readonly outcome: 'applied' | 'refused' | 'returned';
  readonly code?: string;
  readonly detail?: string;
  readonly problems?: readonly ConfigProblem[];
}

export interface Config {
  readonly phase: ConfigPhase;
  readonly managed: 'file' | 'hub' | null;
  readonly wanted: (ConfigHead & { readonly text: string }) | null;
  readonly applied: { readonly version: number; readonly text: string | null } | null;
  readonly versions: readonly ConfigHead[];
  readonly outcomes: readonly ConfigOutcome[];
  readonly lastRefusal: ConfigOutcome | null;
}

export interface DiffLine {
  readonly mark: ' ' | '+' | '-';
  readonly text: string;
  readonly before?: number;
  readonly after?: number;
}

const LOOK_EVERY_MS = 1500;

export function configPath(gateway: string, more = ''): string {
  return `/gateways/${encodeURIComponent(gateway)}/config${more}`;
}

/** Followed as it goes on; undefined before the first answer. */
export function useConfig(gateway: string): { readonly config: Config | undefined; readonly reload: () => void } {
  const held = useSignal<Config | undefined>(undefined);
  const turns = useMemo(() => new Turns(), []);
  const reload = () => {
    const mayShow = turns.take(gateway);
    ask<Config>(configPath(gateway)).then(
      (config) => {
        if (mayShow()) held.value = config;
      },
      // It is shown as it was; that the hub is out of reach, the page says on top.
      () => {},
    );
  };
  useEffect(() => {
    reload();
    return every(LOOK_EVERY_MS, reload);
  }, [gateway]);
  return { config: held.value, reload };
}

/** What a change begins with. */
export function baseOf({ wanted, applied }: Config): { readonly version: number; readonly text: string } {
  return wanted ?? { version: 0, text: applied?.text ?? '' };
}

/** Before the gateway has said what it works with, a change would begin with nothing, and put nothing in its place. */
export function isBaseKnown({ wanted, applied }: Config): boolean {
  return wanted !== null || typeof applied?.text === 'string';
}

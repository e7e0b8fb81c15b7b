import type { Problem } from '../../core/settings.ts';

/** What came of a foreign file. */
export interface Imported {
  /** A gateway.yaml with channels and devices, or a profile. */
  readonly kind: 'plant' | 'profile';
  readonly yaml: string;
  readonly points: number;
  /** What could not be translated, each with its place in the foreign file. */
  readonly problems: readonly Problem[];
}

/**
 * Turns the text of a foreign file into YAML of ours. `file` is its name, for problems and for the source of a profile.
 * @throws SettingsFault if the text is not in the form at all
 */
export type Importer = (text: string, file: string) => Imported;

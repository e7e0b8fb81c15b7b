import { toTitles } from '../core/units.ts';
import { DEVICE_CLASSES, type DeviceClass } from './plant-types.ts';
import type { ProfileLibrary } from './profile-library.ts';
import type { Profile } from './profile-schema.ts';

/** What a list shows of a profile. */
export interface ProfileEntry {
  readonly name: string;
  readonly class: DeviceClass;
  readonly vendor: string;
  readonly models: readonly string[];
  readonly title: string;
  readonly driver: string;
  readonly points: number;
  readonly alarms: number;
  readonly status: Profile['status'];
  readonly source: readonly string[];
}

/** All profiles of a library, by name. Rejects with `SettingsFault` if one is broken. */
export async function libraryEntries(library: ProfileLibrary): Promise<readonly ProfileEntry[]> {
  const entries: ProfileEntry[] = [];
  for (const name of library.names) {
    const profile = (await library.find(name))?.value;
    if (profile !== undefined) entries.push(toEntry(name, profile));
  }
  return entries;
}

/** In the order of the classes, those left out that have none. */
export function byClass(entries: readonly ProfileEntry[]): [DeviceClass, readonly ProfileEntry[]][] {
  return DEVICE_CLASSES.map((kind): [DeviceClass, readonly ProfileEntry[]] => [
    kind,
    entries.filter((entry) => entry.class === kind),
  ]).filter(([, group]) => group.length > 0);
}

function toEntry(name: string, profile: Profile): ProfileEntry {
  const { vendor, models, driver, status, source } = profile;
  return {
    ...{ name, vendor, models, driver, status },
    class: profile.class,
    title: toTitles(profile.title).en ?? '',
    points: Object.keys(profile.points).length,
    alarms: profile.alarms.length,
    source: typeof source === 'string' ? [source] : source,
  };
}

import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { packageRoot } from '../core/package-root.ts';
import { type Loaded, loadSettings } from '../core/settings.ts';
import { type Profile, profileSchema } from './profile-schema.ts';

const OWN_LIBRARY = join(packageRoot, 'devices', 'profiles');

/** The profiles that come with Sluice, and those of a site's own folder, which go first. */
export class ProfileLibrary {
  readonly #files: ReadonlyMap<string, string>;
  readonly #loaded = new Map<string, Promise<Loaded<Profile>>>();

  private constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
  }

  static async open(siteFolder?: string): Promise<ProfileLibrary> {
    const files = new Map(await profileFiles(OWN_LIBRARY));
    if (siteFolder !== undefined) for (const [name, file] of await profileFiles(siteFolder)) files.set(name, file);
    return new ProfileLibrary(files);
  }

  /** Sorted. */
  get names(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  fileOf(name: string): string | undefined {
    return this.#files.get(name);
  }

  /** Undefined if there is none. Rejects with `SettingsFault` if it is broken. */
  find(name: string): Promise<Loaded<Profile>> | undefined {
    const file = this.#files.get(name);
    if (file === undefined) return undefined;
    const loaded = this.#loaded.get(name) ?? loadSettings(profileSchema, file);
    this.#loaded.set(name, loaded);
    return loaded;
  }
}

/** Name and file of each profile: `vendor/model` for vendor/model.yaml. */
async function profileFiles(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith('.yaml'))
    .map((entry) => [entry.slice(0, -'.yaml'.length).split(sep).join('/'), join(folder, entry)]);
}

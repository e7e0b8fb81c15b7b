import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hashOf } from '../../cloud-sync/protocol/document.ts';
import { version } from '../../core/package-root.ts';
import { DEVICE_CLASSES } from '../../devices/plant-types.ts';
import { ProfileLibrary } from '../../devices/profile-library.ts';
import { DRIVERS } from '../../devices/registry.ts';
import { configSchema } from './config-text.ts';

/** A profile as a page shows it before anybody has chosen it. */
interface ProfileEntry {
  readonly name: string;
  readonly vendor: string;
  readonly models: readonly string[];
  readonly class: string;
  readonly driver: string;
}

/** Another one whenever the document may be another: it is too much work to make it at every start. SHA-256, hex. */
export async function schemaId(profilesDir: string | undefined): Promise<string> {
  const files = profilesDir === undefined ? [] : await readdir(profilesDir, { recursive: true }).catch(() => []);
  const facts = files
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map(async (file) => {
      const { size, mtimeMs } = await stat(join(profilesDir as string, file));
      return [file, size, mtimeMs];
    });
  return hashOf(JSON.stringify([version, await Promise.all(facts)]));
}

/**
 * What the hub must know to help with a configuration: the schema of its text, the profiles of this gateway, its drivers and classes. The
 * hub has none of these itself.
 */
export async function schemaDocument(profilesDir: string | undefined): Promise<string> {
  const library = await ProfileLibrary.open(profilesDir);
  const profiles: ProfileEntry[] = [];
  for (const name of library.names) {
    // One that is broken is named by the check of a configuration that uses it.
    const loaded = await library.find(name)?.catch(() => undefined);
    if (loaded === undefined) continue;
    const { vendor, models, driver } = loaded.value;
    profiles.push({ name, vendor, models, class: loaded.value.class, driver });
  }
  const { $schema: _, ...schema } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return JSON.stringify({ schema, profiles, drivers: DRIVERS.map(({ name }) => name), classes: DEVICE_CLASSES });
}

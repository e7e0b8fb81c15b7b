import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Imported } from '../../../cli/import/importer.ts';
import { type Problem, parseSettings, problemLine } from '../../../core/settings.ts';
import { checkProfile } from '../../../devices/profile-check.ts';
import { profileSchema } from '../../../devices/profile-schema.ts';
import { resolvePlant } from '../../../devices/resolve-plant.ts';
import { gatewaySchema } from '../../../gateway/settings.ts';

/** One of the files to import. */
export const sample = (file: string) => readFileSync(join(import.meta.dirname, 'files', file), 'utf8');

/** What an importer says it left out. */
export const told = ({ problems }: Imported) => problems.map(problemLine);

/** What `sluice check` and `profiles check` say of a result. */
export async function problemsOf({ kind, yaml }: Imported): Promise<readonly Problem[]> {
  if (kind === 'profile') return checkProfile(parseSettings(profileSchema, yaml, 'result'));
  return (await resolvePlant(parseSettings(gatewaySchema, yaml, 'result'), { file: 'result' })).problems;
}

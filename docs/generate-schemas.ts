import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { profileSchema } from '../devices/profile-schema.ts';
import { gatewaySchema } from '../gateway/settings.ts';
import { hubSchema } from '../monitor/settings.ts';

const DOCUMENTS = {
  'gateway.schema.json': { title: 'Sluice: gateway.yaml', schema: gatewaySchema },
  'hub.schema.json': { title: 'Sluice: hub.yaml', schema: hubSchema },
  'profile.schema.json': { title: 'Sluice: a device profile', schema: profileSchema },
} as const;

/**
 * What editors are told, by file name: the very schemas that the processes read their files with. A check that only code can make, such
 * as that a time zone exists, is left to `sluice check`.
 */
export function schemaTexts(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(DOCUMENTS).map(([file, { title, schema }]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      return [file, `${JSON.stringify({ $schema, title, ...rest }, undefined, 2)}\n`];
    }),
  );
}

const thisFile = fileURLToPath(import.meta.url);
if (process.argv[1] === thisFile) {
  for (const [file, text] of Object.entries(schemaTexts()))
    writeFileSync(join(dirname(thisFile), 'schemas', file), text);
}

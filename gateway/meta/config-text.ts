import { isDeepStrictEqual } from 'node:util';
import { isMap, parse, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { type Problem, SettingsFault, surveySettings } from '../../core/settings.ts';
import { channelsSchema, devicesSchema } from '../../devices/plant.ts';
import type { Plant } from '../../devices/plant-types.ts';
import { type PlantRules, surveyPlant } from '../settings.ts';

/** What the hub may say: the lines and the devices. The rest of gateway.yaml stays the site's own. */
export const configSchema = z.strictObject({ channels: channelsSchema, devices: devicesSchema });

/** Its name in problems. */
const NAME = 'configuration';

/** Checks a configuration with the gateway's own code. Profiles are those of the machine and of the site. */
export async function readConfig(
  text: string,
  rules: PlantRules,
): Promise<{ readonly plant: Plant } | { readonly problems: readonly Problem[] }> {
  try {
    const surveyed = surveySettings(configSchema, text, NAME);
    const { plant, problems } = await surveyPlant(surveyed, rules, NAME);
    return plant === undefined || problems.length > 0 ? { problems } : { plant };
  } catch (error) {
    if (error instanceof SettingsFault) return { problems: error.problems };
    throw error;
  }
}

const OURS = ['channels', 'devices'];

/** `channels:` and `devices:` of a gateway.yaml as they stand there, with their comments where that is possible. */
export function configOf(fileText: string): string {
  const given = parse(fileText) as Record<string, unknown> | null;
  const wanted = { channels: given?.channels ?? [], devices: given?.devices ?? [] };
  const document = parseDocument(fileText);
  if (isMap(document.contents) && OURS.some((key) => document.has(key))) {
    document.contents.items = document.contents.items.filter(({ key }) => OURS.includes(String(key)));
    try {
      const text = document.toString({ lineWidth: 0 });
      if (isDeepStrictEqual({ channels: [], devices: [], ...(parse(text) as object) }, wanted)) return text;
    } catch {
      // It refers to something that stands elsewhere in the file.
    }
  }
  return stringify(wanted, { lineWidth: 0 });
}

import { textOption } from './options.ts';
import type { Arguments } from './verb.ts';

export const DEFAULT_HUB_DATA = '/var/lib/sluice-hub';

export function hubData(args: Arguments): string {
  return textOption(args.values, 'data') ?? DEFAULT_HUB_DATA;
}

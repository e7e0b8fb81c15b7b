export type PowerPath = 'mains' | 'battery' | 'bypass' | 'unknown';

/** Each is undefined where the model does not say it, or has not said it lately. */
export interface PowerSigns {
  readonly onBattery: boolean | undefined;
  readonly onMains: boolean | undefined;
  readonly bypass: boolean | undefined;
}

/** Where the load takes its power from. What is not known is never drawn as well. */
export function powerPath({ onBattery, onMains, bypass }: PowerSigns): PowerPath {
  if (bypass) return 'bypass';
  if (onBattery) return 'battery';
  return onMains === true || (onBattery === false && onMains === undefined) ? 'mains' : 'unknown';
}

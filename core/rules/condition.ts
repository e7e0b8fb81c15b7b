/** What a rule looks for, as the catalogue carries it: plain data, the deadband in the point's unit, times in milliseconds. */
export type Condition =
  | { readonly kind: 'above'; readonly limit: number; readonly deadband: number }
  | { readonly kind: 'below'; readonly limit: number; readonly deadband: number }
  | { readonly kind: 'equals'; readonly value: number | boolean | string }
  /** A bit of a status word; `set: false` looks for a bit that is missing. */
  | { readonly kind: 'bit'; readonly bit: number; readonly set: boolean }
  /** Rises by more than `above`, or falls by more than `-below`, within `perMs`. */
  | { readonly kind: 'rate'; readonly above?: number; readonly below?: number; readonly perMs: number }
  /** Differs by more than `limit` from another point of the device, or from a figure. */
  | { readonly kind: 'deviation'; readonly from: string | number; readonly limit: number; readonly deadband: number }
  /** No good reading for so long. */
  | { readonly kind: 'stale'; readonly afterMs: number }
  /** Read, and read again, and no change of more than `tolerance` for so long. */
  | { readonly kind: 'flatline'; readonly forMs: number; readonly tolerance: number }
  /** `command` says `is`, and so long after that the point still does not [OPC UA Part 9, DiscrepancyAlarmType]. */
  | { readonly kind: 'discrepancy'; readonly command: string; readonly is: number | boolean; readonly withinMs: number }
  /** A formula over points of the device comes to true. */
  | { readonly kind: 'expression'; readonly text: string; readonly inputs: readonly string[] }
  /** The device does not answer. */
  | { readonly kind: 'offline' }
  /** The line cannot be used: no port, no connection. */
  | { readonly kind: 'line'; readonly channel: string };

export type Kind = Condition['kind'];

/** The limit that a value has passed; undefined where it cannot be laid beside the value, as a rate or a difference. */
export function limitOf(condition: Condition): number | undefined {
  return condition.kind === 'above' || condition.kind === 'below' ? condition.limit : undefined;
}

/** Other points of the device that the condition looks at. */
export function othersOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'deviation':
      return typeof condition.from === 'string' ? [condition.from] : [];
    case 'discrepancy':
      return [condition.command];
    case 'expression':
      return condition.inputs;
    default:
      return [];
  }
}

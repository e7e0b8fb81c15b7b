import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs, Value } from '../../core/reading.ts';
import type { Priority } from '../../core/rules/rule.ts';
import type { Titles } from '../../core/units.ts';

/** What a rule says of its alarm: from the catalogue, or the hub's own. */
export interface Terms {
  readonly priority: Priority;
  readonly text: Titles;
  readonly action: Titles;
  readonly cause?: Titles;
  readonly url?: string;
  readonly class?: string;
  /** First-out group: within a gateway, the first of a group that is raised is marked. */
  readonly group?: string;
  /** Stays until it is reset, also when the condition is over. */
  readonly latch: boolean;
  /** Must somebody acknowledge it? */
  readonly ack: boolean;
  readonly shelvable: boolean;
  /** Told again when it stays active and unacknowledged for so long, in ms; left out: never. */
  readonly reAlarmMs?: number;
  /** How often at most. */
  readonly reAlarmCount: number;
}

/**
 * One occurrence of an alarm. Its flags are independent of each other [OPC UA Part 9, 5.8; IEC 62682, 5.5.2]. Shelving, being out of
 * service and flapping belong to the rule: the next occurrence of it inherits them.
 */
export interface Alarm {
  /** Fit for a URL: gateway and occurrence. */
  readonly id: string;
  readonly gateway: GatewayId;
  /** '' for the gateway itself. */
  readonly device: string;
  readonly rule: string;
  /** '' for the device as a whole. */
  readonly point: string;
  readonly priority: Priority;
  readonly text: Titles;
  readonly action: Titles;
  readonly cause?: Titles;
  readonly url?: string;
  readonly class?: string;
  readonly raisedAt: UnixMs;
  readonly raisedValue?: Value;
  /** Limit in force when it was raised. */
  readonly limit?: number;
  readonly clearedAt?: UnixMs;
  readonly active: boolean;
  /** True from the start where the rule asks for no acknowledgement. */
  readonly acknowledged: boolean;
  readonly ackedBy?: string;
  readonly ackedAt?: UnixMs;
  readonly comment?: string;
  readonly shelvedUntil?: UnixMs | 'clear';
  readonly shelvedBy?: string;
  readonly shelvedAt?: UnixMs;
  /** By design: what it hangs on is down or switched off. */
  readonly suppressed: boolean;
  readonly outOfService: boolean;
  /** Is kept until it is reset. */
  readonly latched: boolean;
  /** Comes and goes too often to be told each time. */
  readonly flapping: boolean;
  readonly reAlarms: number;
  readonly firstOut?: boolean;
  readonly group?: string;
  /** It was older than ten minutes when the hub first heard of it. */
  readonly late: boolean;
  /** It was late, but its gateway told of it as standing at that moment, ahead of its journal: news, whatever its age. */
  readonly standing?: boolean;
  /** Hub's clock, of the last change. */
  readonly updatedAt: UnixMs;
}

export type ChangeKind =
  | 'raised'
  | 'cleared'
  | 'acked'
  | 'shelved'
  | 'unshelved'
  | 'suppressed'
  | 'unsuppressed'
  | 'reset'
  | 'out-of-service'
  | 'in-service'
  | 'flapping'
  | 'settled'
  | 're-alarm';

/** One line of the log. `alarm` is how it stands after the change. */
export interface DeskChange {
  readonly what: ChangeKind;
  readonly alarm: Alarm;
  /** When it happened: for raised and cleared by the gateway's clock, else by the hub's. */
  readonly at: UnixMs;
  readonly by?: string;
  readonly comment?: string;
}

/** All that is kept of one rule: its newest occurrence and what the life-cycle needs besides. */
export interface Condition {
  readonly alarm: Alarm;
  readonly terms: Terms;
  /** When it was last told, hub's clock: re-alarms count from there. */
  readonly toldAt: UnixMs;
  /** When it was raised within the last minute, oldest first. */
  readonly activations: readonly UnixMs[];
  /** The occurrence went into the history and changes no more. */
  readonly filed: boolean;
  /** Suppressed ever since it was raised: nobody has been told. */
  readonly unheard?: true;
}

/** Which rule: unique over all gateways. */
export interface RuleName {
  readonly gateway: GatewayId;
  readonly device: string;
  readonly rule: string;
}

export function ruleKey({ gateway, device, rule }: RuleName): string {
  return `${gateway}/${device}/${rule}`;
}

/** Does it still ask for anything, or is it as before it was raised? */
export function isOver({ active, latched, acknowledged }: Alarm): boolean {
  return !active && !latched && acknowledged;
}

/** Told to nobody, by a person's or the rule's own will. */
export function isSilent({ shelvedUntil, suppressed, outOfService }: Alarm): boolean {
  return shelvedUntil !== undefined || suppressed || outOfService;
}

import type { UnixMs } from '../../core/reading.ts';
import type { Titles } from '../../core/units.ts';
import type { Alarm } from '../alarms/alarm.ts';
import type { StoredGap } from '../archive/gaps.ts';
import type { Span } from '../archive/history.ts';
import type { EnergyBucket } from '../energy/buckets.ts';
import type { Period } from './period.ts';

/** All that a report is made of, as the hub knew it at one moment. */
export interface ReportData {
  readonly site: string;
  readonly zone: string;
  readonly period: Period;
  readonly madeAt: UnixMs;
  readonly madeBy: string;
  /** Until when the period has passed. */
  readonly until: UnixMs;
  readonly alarms: AlarmFacts;
  readonly energy: readonly EnergyFacts[];
  readonly climate: readonly ClimateFacts[];
  readonly quality: QualityFacts;
  readonly gaps: readonly StoredGap[];
  readonly rounds: readonly RoundFacts[];
  readonly gateways: readonly GatewayFacts[];
  /** How devices and points are called, by `gateway/device` and `gateway/device/point`. */
  readonly titles: ReadonlyMap<string, Titles>;
}

export interface AlarmFacts {
  /** Of the period or standing into it, in the order in which they were raised. */
  readonly list: readonly Alarm[];
  /** More than are listed. */
  readonly isCut: boolean;
  /** Raised in the period before. */
  readonly before: number;
  /** `gateway/device` of each UPS. */
  readonly ups: ReadonlySet<string>;
}

export interface EnergyFacts {
  readonly name: string;
  readonly title: Titles;
  readonly isGroup: boolean;
  /** Hours of a day, days of a week or month; those that have begun. */
  readonly buckets: readonly EnergyBucket[];
  /** kWh that fell into silences over several buckets. */
  readonly unplaced: number;
  readonly before: { readonly kwh: number | null; readonly missingMs: number };
  /** Demand windows; left out where none were asked for. */
  readonly windows?: readonly EnergyBucket[];
  readonly targetKw?: number;
}

export interface ClimateFacts {
  /** `gateway/device/point` */
  readonly id: string;
  readonly unit: string;
  readonly low?: number;
  readonly high?: number;
  /** Left out where no good reading is known. */
  readonly known?: {
    readonly mean: number;
    readonly least: number;
    readonly leastAt: UnixMs;
    readonly most: number;
    readonly mostAt: UnixMs;
    readonly knownMs: number;
    readonly outsideMs: number;
  };
  readonly steps: readonly { readonly from: UnixMs; readonly to: UnixMs; readonly mean: number | null }[];
}

export interface PointQuality {
  readonly id: string;
  readonly good: number;
  readonly bad: number;
  /** Hours that hold no reading at all, of those that have passed. */
  readonly silentHours: number;
}

export interface QualityFacts {
  readonly hours: number;
  readonly points: readonly PointQuality[];
}

export interface RoundFacts {
  readonly name: string;
  /** Due times within the period that have passed, and how many of them were kept. */
  readonly due: number;
  readonly done: number;
  readonly walks: number;
  /** Items that were not in order. */
  readonly abnormal: number;
}

export interface GatewayFacts {
  readonly id: string;
  /** As the hub saw it. */
  readonly outages: readonly Span[];
  /** Hours in which anything at all was measured. */
  readonly hoursWithData: number;
}

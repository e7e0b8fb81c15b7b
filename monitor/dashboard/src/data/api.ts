import type { Titles } from './i18n.ts';

export interface Me {
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  /** Sites that are theirs to see; null: all. */
  readonly sites: readonly string[] | null;
  readonly via: 'session' | 'oidc' | 'key' | 'demo';
  readonly demo: boolean;
  /** As chosen by them; null: not yet. */
  readonly language: 'en' | 'ko' | null;
  readonly timezone: string | null;
}

export type Value = number | boolean | string;

export interface Last {
  readonly at: number;
  readonly value: Value | null;
  readonly quality: 'good' | 'bad';
  readonly fault?: string;
}

export interface Point {
  readonly id: string;
  readonly gateway: string;
  readonly device: string;
  readonly point: string;
  readonly title: Titles;
  readonly unit?: string;
  readonly kind: 'number' | 'boolean' | 'text';
  readonly type: string;
  readonly everyMs?: number;
  readonly maxSilenceMs?: number;
  readonly writable: boolean;
  /** Of what may be written. */
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Its value has to be said twice. */
  readonly dangerous?: boolean;
  readonly enum?: Readonly<Record<string, Titles>>;
  readonly retired?: boolean;
  readonly last: Last | null;
}

export interface Device {
  readonly id: string;
  readonly gateway: string;
  readonly name: string;
  readonly title: Titles;
  readonly class: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly channel: string;
}

export interface FaultText {
  readonly text: string;
  readonly action: string;
}

export interface Channel {
  readonly name: string;
  readonly port: string;
  readonly driver: string;
  readonly state: 'opening' | 'open' | 'faulted';
  readonly fault?: string;
  readonly problem?: FaultText;
  readonly exchanges: number;
  readonly faults: number;
  /** 0 to 1. */
  readonly utilisation: number;
}

export interface KubeDevice {
  /** `namespace/name` */
  readonly id: string;
  /** Its name at the gateway; left out: it cannot be used. */
  readonly device?: string;
  /** As KubeEdge is told. */
  readonly state: 'online' | 'offline' | 'unhealthy' | 'unknown';
  /** Gateway's clock, Unix ms. */
  readonly toldAt?: number;
  readonly code?: string;
  readonly problem?: FaultText;
  readonly detail?: string;
  /** Another mapper seems to have taken over its protocol. */
  readonly contested?: true;
  /** How something was understood that can be understood in two ways. */
  readonly note?: string;
}

/** What is wrong and belongs to no Device object. */
export interface KubeOther {
  /** Of a device of the gateway's own; empty: EdgeCore could not read of which device it was. */
  readonly id: string;
  readonly code: string;
  readonly problem: FaultText;
  readonly detail: string;
}

export interface KubeEdge {
  readonly mapper?: 'connecting' | 'registered' | 'faulted';
  readonly fault?: string;
  readonly problem?: FaultText;
  readonly detail?: string;
  readonly broker?: 'connected' | 'away';
  /** Why it is away, or what it refuses although it is there. */
  readonly brokerFault?: string;
  /** Protocols that another mapper seems to have taken over. */
  readonly contested?: readonly string[];
  readonly reports: number;
  readonly failed: number;
  readonly limited: number;
  readonly devices: readonly KubeDevice[];
  readonly others?: readonly KubeOther[];
}

export interface Gateway {
  readonly id: string;
  readonly site: string | null;
  readonly timezone: string | null;
  readonly state: 'online' | 'late' | 'offline';
  readonly lastSeen: number | null;
  readonly version: string | null;
  readonly backlog: number | null;
  readonly oldestUnsent: number | null;
  readonly clockOffsetMs: number | null;
  /** A second gateway with this id was refused not long ago. */
  readonly cloned: boolean;
  /** Since when frames do not get on although the hub is there. */
  readonly stuckSince: number | null;
  readonly activeAlarms: number;
  readonly devices: number;
  readonly points: number;
  readonly channels: readonly Channel[];
  /** Of a gateway that is a mapper of a KubeEdge node. */
  readonly kubeedge: KubeEdge | null;
}

/** Records that are lost, by the numbers they had in a journal: from, and up to but not including to. */
export interface Gap {
  readonly gateway: string;
  readonly epoch: string;
  readonly from: string;
  readonly to: string;
  readonly count: string;
  readonly reason: string;
  readonly declaredAt: number;
  /** How many of each point, if the gateway said so. */
  readonly points?: Readonly<Record<string, number>>;
}

export type Priority = 'critical' | 'high' | 'medium' | 'low';

export interface Alarm {
  readonly id: string;
  readonly gateway: string;
  readonly device: string;
  readonly rule: string;
  readonly point: string;
  readonly priority: Priority;
  readonly text: Titles;
  readonly action: Titles;
  readonly cause?: Titles;
  readonly url?: string;
  readonly raisedAt: number;
  readonly raisedValue?: Value;
  readonly limit?: number;
  readonly clearedAt?: number;
  readonly active: boolean;
  readonly acknowledged: boolean;
  readonly ackedBy?: string;
  readonly ackedAt?: number;
  readonly comment?: string;
  readonly shelvedUntil?: number | 'clear';
  readonly shelvedBy?: string;
  readonly suppressed: boolean;
  readonly outOfService: boolean;
  readonly latched: boolean;
  readonly flapping: boolean;
  readonly reAlarms: number;
  readonly firstOut?: boolean;
  readonly late: boolean;
}

/** A limit that a gateway watches. */
export interface RuleEntry {
  readonly gateway: string;
  readonly device: string;
  readonly point: string;
  readonly priority: Priority;
  readonly condition: unknown;
}

export interface Demand {
  readonly group: string;
  readonly title: Titles;
  readonly from: number;
  readonly to: number;
  readonly kwh: number;
  readonly missingMs: number;
  readonly recentKw: number | null;
  readonly forecastKw: number | null;
  readonly targetKw?: number;
  readonly allowedKw?: number;
  readonly state: 'unknown' | 'below' | 'forecast-above' | 'above';
}

export interface Rows {
  readonly step?: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (Value | null)[])[];
  readonly cursor?: string;
}

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  readonly line: number;
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string;
}

/** What the hub refused, by its status and code. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number;
  /** What exactly, in the hub's words. */
  readonly detail: string | undefined;
  /** Of a configuration, by line. */
  readonly problems: readonly ConfigProblem[];

  constructor(
    status: number,
    code: string,
    retryAfterS: number,
    detail?: string,
    problems: readonly ConfigProblem[] = [],
  ) {
    super(code);
    this.problems = problems;
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
    this.detail = detail;
  }
}

interface RefusalBody {
  readonly code?: string;
  readonly detail?: string;
  readonly problems?: readonly ConfigProblem[];
}

const ROOT = '/api/v1';

/** Throws Refusal, or TypeError when the hub cannot be reached. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(`${ROOT}${path}`, { ...init, headers: { accept: 'application/json', ...init.headers } });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as RefusalBody;
  const retryAfterS = Number(response.headers.get('retry-after') ?? 0);
  throw new Refusal(response.status, problem.code ?? 'unknown', retryAfterS, problem.detail, problem.problems);
}

export function post<T>(path: string, body: object): Promise<T> {
  return send<T>('POST', path, body);
}

export function put<T>(path: string, body: object): Promise<T> {
  return send<T>('PUT', path, body);
}

export function patch<T>(path: string, body: object): Promise<T> {
  return send<T>('PATCH', path, body);
}

function send<T>(method: string, path: string, body: object): Promise<T> {
  return ask<T>(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

export function readingsPath(point: string, query: Readonly<Record<string, string | number>>): string {
  const parts = Object.entries({ point, ...query }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/readings?${parts.join('&')}`;
}

export function downloadPath(point: string, from: number, to: number): string {
  return `${ROOT}${readingsPath(point, { from, to, format: 'csv' })}`;
}

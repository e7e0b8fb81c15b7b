import type { UnixMs } from '../../core/reading.ts';
import type { Database, Parameter } from '../archive/database.ts';
import type { Span } from '../archive/history.ts';
import type { Alarm } from './alarm.ts';
import type { AlarmFilter } from './alarm-filter.ts';

/** Where a page ended: newest first, then by id. */
export interface AfterAlarm {
  readonly at: UnixMs;
  readonly id: string;
}

/** Occurrences that are over. */
export class AlarmHistory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first; `after`: only what comes after it in that order. */
  async page(filter: AlarmFilter, limit: number, after?: AfterAlarm): Promise<readonly Alarm[]> {
    const conditions: string[] = [];
    const parameters: Parameter[] = [];
    const add = (text: string, ...values: readonly Parameter[]) => {
      conditions.push(text);
      parameters.push(...values);
    };
    const { gateway, gateways, device, priority, from, to, updatedFrom } = filter;
    if (gateways?.length === 0) return [];
    if (gateways !== undefined) add(`gateway IN (${gateways.map(() => '?').join(', ')})`, ...gateways);
    if (gateway !== undefined) add('gateway = ?', gateway);
    if (device !== undefined) add('device = ?', device);
    if (priority !== undefined) add(`priority IN (${priority.map(() => '?').join(', ')})`, ...priority);
    if (from !== undefined) add('raised_ms >= ?', Math.ceil(from));
    if (to !== undefined) add('raised_ms < ?', Math.ceil(to));
    if (updatedFrom !== undefined) add('updated_ms >= ?', Math.ceil(updatedFrom));
    if (after) add('(raised_ms < ? OR (raised_ms = ? AND id > ?))', after.at, after.at, after.id);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const sql = `SELECT body FROM alarm_history ${where} ORDER BY raised_ms DESC, id LIMIT ${Math.trunc(limit)}`;
    const rows = await this.#database.read(sql, parameters);
    return rows.map((row) => JSON.parse(String(row.body)) as Alarm);
  }

  /** Of these gateways, what was active at any time within a span, the newest first. */
  async within(gateways: readonly string[], { from, to }: Span, limit: number): Promise<readonly Alarm[]> {
    if (gateways.length === 0) return [];
    const rows = await this.#database.read(
      `SELECT body FROM alarm_history WHERE gateway IN (${gateways.map(() => '?').join(', ')})
         AND raised_ms < ? AND coalesce(cleared_ms, updated_ms) >= ? ORDER BY raised_ms DESC, id LIMIT ${Math.trunc(limit)}`,
      [...gateways, Math.ceil(to), Math.ceil(from)],
    );
    return rows.map((row) => JSON.parse(String(row.body)) as Alarm);
  }

  /** How many were raised within a span, of those that are over. */
  async countRaised(gateways: readonly string[], { from, to }: Span): Promise<number> {
    if (gateways.length === 0) return 0;
    const [row] = await this.#database.read(
      `SELECT count(*) AS n FROM alarm_history WHERE gateway IN (${gateways.map(() => '?').join(', ')})
         AND raised_ms >= ? AND raised_ms < ?`,
      [...gateways, Math.ceil(from), Math.ceil(to)],
    );
    return Number(row?.n ?? 0);
  }

  /** What was raised since, told or not, one row each: for the figures. */
  async raisedSince(since: UnixMs): Promise<readonly Raised[]> {
    const rows = await this.#database.read(
      `SELECT gateway, device, rule, priority, at_ms, logged_ms, told FROM alarm_log WHERE what = 'raised' AND logged_ms >= ?
         ORDER BY n`,
      [Math.trunc(since)],
    );
    return rows.map((row) => ({
      rule: [row.gateway, row.device, row.rule].join('/'),
      priority: row.priority as Alarm['priority'],
      at: Number(row.at_ms),
      loggedAt: Number(row.logged_ms),
      told: row.told === true,
    }));
  }

  /** Occurrences filed since. */
  async filedSince(since: UnixMs): Promise<readonly Alarm[]> {
    const rows = await this.#database.read('SELECT body FROM alarm_history WHERE updated_ms >= ?', [Math.trunc(since)]);
    return rows.map((row) => JSON.parse(String(row.body)) as Alarm);
  }
}

export interface Raised {
  /** `gateway/device/rule` */
  readonly rule: string;
  readonly priority: Alarm['priority'];
  readonly at: UnixMs;
  readonly loggedAt: UnixMs;
  /** It was news to people. */
  readonly told: boolean;
}

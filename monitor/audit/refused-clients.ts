import type { RefusedClient } from '../../cloud-sync/cloud-hub/hub-events.ts';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { AuditLog } from './audit-log.ts';
import { Recording } from './recording.ts';
import { RefusalPace } from './refusal-pace.ts';

/** A gateway whose certificate has expired tries for ever: its rows must not be most of the log. */
const LIMITS = { windowMs: 3_600_000, mostOfOne: 20, mostOfAll: 200 };

/** Writes into the audit log who was refused where gateways come in. */
export class RefusedClients {
  readonly #audit: AuditLog;
  /** Of each act its own: whoever knocks all day hides nobody who tries something else. */
  readonly #paces = new Map<RefusedClient['act'], RefusalPace>();
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(audit: AuditLog, clock: Clock, log: Log) {
    this.#audit = audit;
    this.#clock = clock;
    this.#log = log;
  }

  onRefused({ gateway, address, act, reason }: RefusedClient): void {
    const pace = this.#paces.get(act) ?? new RefusalPace(this.#clock, LIMITS);
    this.#paces.set(act, pace);
    const recording = new Recording(this.#audit, { address, action: `gateway ${act}`, object: gateway });
    if (gateway !== '') recording.by(gateway, 'certificate');
    recording.note({ why: reason });
    void recording.ended(new Fault('gateway-refused', reason), { pace, log: this.#log });
  }
}

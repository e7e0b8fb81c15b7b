import type { Input } from '../../../monitor/alarms/book.ts';
import { Draft, NotifyState } from '../../../monitor/notify/draft.ts';
import type { Delivery, Lane, Notice, Watch } from '../../../monitor/notify/notice.ts';
import { type Planner, planChanges, planTime } from '../../../monitor/notify/plan.ts';
import { Recipients } from '../../../monitor/notify/recipients.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';
import { GATEWAY, PureDesk, terms } from '../alarms/support.ts';
import { T0 } from '../support/batches.ts';

export const MINUTE = 60_000;

/** Planning over a desk without a database. What was planned stays; what planning remembers can be read again from JSON. */
export class Planned {
  readonly desk = new PureDesk();
  readonly notices: Notice[] = [];
  readonly deliveries: Delivery[] = [];
  state = new NotifyState();
  waiting = 0;
  isBehind = false;
  now = T0;
  #ids = 0;
  readonly #planner: Planner;

  constructor(yaml: string) {
    const { notify: settings } = parseHubSettings(`dataDir: /d\nnotify: ${yaml}`);
    if (!settings) throw new Error('no notify');
    this.#planner = {
      settings,
      newId: () => `d${this.#ids++}`,
      waiting: () => this.waiting,
      isBehind: () => this.isBehind,
      recipients: new Recipients(settings, () => 'Seoul'),
    };
    this.state.cursor = 1;
  }

  give(...inputs: readonly Input[]): void {
    this.desk.give(...inputs);
    this.plan();
  }

  own(rule: string, isActive: boolean, more: Partial<ReturnType<typeof terms>> & { suppressed?: boolean } = {}): void {
    const name = { gateway: GATEWAY, device: 'boiler', rule, point: '' };
    const { suppressed, ...rest } = more;
    const raise = { terms: terms({ ack: true, ...rest }), ...(suppressed === undefined ? {} : { suppressed }) };
    this.give({ kind: 'own', name, at: this.now, now: this.now, ...(isActive ? { raise } : {}) });
  }

  pass(ms: number): void {
    this.now += ms;
    this.plan();
  }

  plan(crashes = false): void {
    const draft = new Draft(this.state);
    const changes = this.desk.log.filter(({ n }) => n >= (this.state.cursor ?? 1));
    planChanges(draft, this.#planner, changes, this.now);
    planTime(draft, this.#planner, this.now);
    if (crashes) return;
    this.state.merge(draft);
    this.notices.push(...draft.notices);
    this.deliveries.push(...draft.deliveries);
  }

  restart(): void {
    const fresh = new NotifyState();
    const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));
    for (const [key, watch] of this.state.watches) fresh.watches.set(key, copy<Watch>(watch));
    for (const [key, lane] of this.state.lanes) fresh.lanes.set(key, copy<Lane>(lane));
    fresh.cursor = this.state.cursor;
    this.state = fresh;
  }

  /** `raised hot kim`, of the messages that went out. */
  get told(): readonly string[] {
    const out = new Set(this.deliveries.map(({ id }) => id));
    return this.notices
      .filter(({ delivery }) => out.has(delivery))
      .map(({ what, alarm, receiver }) => `${what} ${alarm.rule} ${receiver}`);
  }
}

export const ONE = '{ receivers: { kim: { kind: webhook, url: "http://h/" } } }';

/** Raised long ago, heard of now. */
export function late(world: Planned, rule: string): void {
  const name = { gateway: GATEWAY, device: 'boiler', rule, point: '' };
  world.desk.give({ kind: 'own', name, at: world.now - 60 * MINUTE, now: world.now, raise: { terms: terms() } });
  const all = world.desk.log.splice(0);
  world.desk.log.push(...all.map((each) => ({ ...each, alarm: { ...each.alarm, late: each.alarm.rule !== 'now' } })));
}

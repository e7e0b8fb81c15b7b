import type { GatewayId, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Alarm, Condition, DeskChange } from './alarm.ts';
import type { Lanes } from './lanes.ts';

/** What is kept of one rule. `lanes`: left out where no gateway tells of it; `condition`: where nothing was raised yet. */
export interface Held {
  readonly condition?: Condition;
  readonly lanes?: Lanes;
}

/** A change with its number in the log. */
export interface LogEntry extends DeskChange {
  readonly n: number;
}

/** What is stored: all rules that were ever raised, and how far each journal was read. */
export class Shelf {
  readonly #held = new Map<string, Held>();
  readonly #byGateway = new Map<GatewayId, Set<string>>();
  readonly #byId = new Map<string, string>();
  readonly #byGroup = new Map<string, Set<string>>();
  readonly cursors = new Map<number, Seq>();
  /** Of the next entry of the log. */
  next = 1;

  find(key: string): Held | undefined {
    return this.#held.get(key);
  }

  findId(id: string): Held | undefined {
    return this.#held.get(this.#byId.get(id) ?? '');
  }

  keys(): Iterable<string> {
    return this.#held.keys();
  }

  keysOf(gateway: GatewayId): Iterable<string> {
    return this.#byGateway.get(gateway) ?? [];
  }

  keysOfGroup(gateway: GatewayId, group: string): Iterable<string> {
    return this.#byGroup.get(`${gateway}/${group}`) ?? [];
  }

  set(key: string, held: Held): void {
    const alarm = held.condition?.alarm;
    const before = this.#held.get(key)?.condition?.alarm.id;
    this.#held.set(key, held);
    if (!alarm) return;
    const { id, gateway, group } = alarm;
    if (before !== undefined && before !== id) this.#byId.delete(before);
    this.#byId.set(id, key);
    addTo(this.#byGateway, gateway, key);
    if (group !== undefined) addTo(this.#byGroup, `${gateway}/${group}`, key);
  }

  #forget(key: string): void {
    const alarm = this.#held.get(key)?.condition?.alarm;
    this.#held.delete(key);
    if (!alarm) return;
    this.#byId.delete(alarm.id);
    this.#byGateway.get(alarm.gateway)?.delete(key);
    this.#byGroup.get(`${alarm.gateway}/${alarm.group}`)?.delete(key);
  }

  alarms(): Alarm[] {
    return [...this.#held.values()].flatMap(({ condition }) => condition?.alarm ?? []);
  }

  unfiled(): Alarm[] {
    return [...this.#held.values()].flatMap(({ condition }) =>
      condition && !condition.filed ? [condition.alarm] : [],
    );
  }

  /** Takes in what a transaction has stored. */
  merge(stage: Stage): void {
    for (const key of stage.forgotten) this.#forget(key);
    for (const [key, held] of stage.touched) this.set(key, held);
    for (const [journal, next] of stage.moved) this.cursors.set(journal, next);
    this.next = stage.nextNumber();
  }
}

/** An occurrence that was over for so long stands in the history only; its rule is kept by heart again when it is raised. */
const FORGET_MS = 30 * 86_400_000;

export function isForgettable({ condition, lanes }: Held, now: UnixMs): boolean {
  if (!condition?.filed || lanes?.open || lanes?.ahead.length || lanes?.over.length) return false;
  const { alarm } = condition;
  if (alarm.shelvedUntil !== undefined || alarm.outOfService || alarm.flapping) return false;
  return now - alarm.updatedAt > FORGET_MS;
}

function addTo(index: Map<string, Set<string>>, name: string, key: string): void {
  const keys = index.get(name);
  if (keys) keys.add(key);
  else index.set(name, new Set([key]));
}

/** What one transaction is about to store. Looked up before it is committed, forgotten if it fails. */
export class Stage {
  readonly #base: Shelf;
  readonly touched = new Map<string, Held>();
  readonly forgotten = new Set<string>();
  readonly moved = new Map<number, Seq>();
  readonly log: LogEntry[] = [];
  readonly filed: Alarm[] = [];

  constructor(base: Shelf) {
    this.#base = base;
  }

  get isEmpty(): boolean {
    return this.touched.size === 0 && this.log.length === 0 && this.forgotten.size === 0;
  }

  find(key: string): Held | undefined {
    return this.touched.get(key) ?? (this.forgotten.has(key) ? undefined : this.#base.find(key));
  }

  forget(key: string): void {
    this.touched.delete(key);
    this.forgotten.add(key);
  }

  /** Is it the first time that something is kept of this rule? */
  isNew(key: string): boolean {
    return this.forgotten.has(key) || this.#base.find(key) === undefined;
  }

  set(key: string, held: Held): void {
    const before = this.find(key);
    if (before && before.condition === held.condition && before.lanes === held.lanes) return;
    this.touched.set(key, held);
  }

  keys(): Iterable<string> {
    return this.#base.keys();
  }

  /** Of one gateway, with those of this transaction. */
  keysOf(gateway: GatewayId): ReadonlySet<string> {
    const fresh = [...this.touched].filter(([, { condition }]) => condition?.alarm.gateway === gateway);
    return new Set([...this.#base.keysOf(gateway), ...fresh.map(([key]) => key)]);
  }

  /** Is nothing else of the group active? */
  isFirstOut(gateway: GatewayId, group: string): boolean {
    const isActive = (key: string) => this.find(key)?.condition?.alarm.active ?? false;
    for (const key of this.#base.keysOfGroup(gateway, group)) if (isActive(key)) return false;
    for (const { condition } of this.touched.values()) {
      const alarm = condition?.alarm;
      if (alarm?.gateway === gateway && alarm.group === group && alarm.active) return false;
    }
    return true;
  }

  cursor(journal: number): Seq {
    return this.moved.get(journal) ?? this.#base.cursors.get(journal) ?? 0;
  }

  moveCursor(journal: number, next: Seq): void {
    this.moved.set(journal, next);
  }

  nextNumber(): number {
    return this.#base.next + this.log.length;
  }

  record(changes: readonly DeskChange[], filed: readonly Alarm[]): void {
    for (const change of changes) this.log.push({ n: this.nextNumber(), ...change });
    this.filed.push(...filed);
  }
}

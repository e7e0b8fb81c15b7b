import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JournalEvent } from '../../../cloud-sync/protocol/events.ts';
import type { LiveAlarm } from '../../../cloud-sync/protocol/messages.ts';
import { bad, good } from '../../../core/reading.ts';
import { lineRule, offlineRule } from '../../../core/rules/built-in.ts';
import type { ChannelState } from '../../../devices/channels/channel.ts';
import type { DeviceSpec, Plant } from '../../../devices/plant-types.ts';
import { nextCatalogue } from '../../../gateway/catalogue.ts';
import { Intake } from '../../../gateway/intake.ts';
import { ruleOf } from '../../core/rules/support.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { plantOf, point } from '../../support/plant.ts';
import { EPOCH } from '../support/batches.ts';
import { deliver, deliveries, type Told } from './deliver.ts';

/** Rules of most kinds; one that its equipment suppresses, and one with a parent and a grandparent. */
const RULES = [
  ruleOf({ kind: 'above', limit: 10, deadband: 2 }),
  ruleOf({ kind: 'below', limit: 5, deadband: 0 }, { onDelayMs: 3000, offDelayMs: 2000 }),
  ruleOf({ kind: 'rate', above: 6, perMs: 10_000 }, { suppressWhen: [{ point: 'on', equals: false }] }),
  ruleOf({ kind: 'flatline', forMs: 4000, tolerance: 0 }),
  ruleOf({ kind: 'stale', afterMs: 5000 }),
  offlineRule({ onDelay: 2000 }),
];

const device: DeviceSpec = {
  ...(plantOf([point('t'), point('on', { kind: 'boolean', type: 'bool' })]).devices[0] as DeviceSpec),
  rules: RULES,
};
const gateway: DeviceSpec = {
  ...device,
  name: 'gateway',
  channel: 'gateway',
  points: [],
  rules: [{ ...lineRule('plc'), onDelayMs: 3000 }],
};
const plant: Plant = { channels: [], devices: [device, gateway] };
const catalogue = nextCatalogue(null, plant, { site: 's', timezone: 'Asia/Seoul' });

type What = number | null | boolean | 'time' | 'away' | 'line up' | 'line down' | 'kill' | 'kill, unjournalled';

/** The edge's own engine, with a journal in memory. A kill may take what is not journalled yet. */
class Edge implements Told {
  readonly records: (JournalEvent | undefined)[] = [];
  readonly boards: (readonly LiveAlarm[])[] = [];
  readonly #clock = new FakeClock();
  #waiting: (() => void)[] = [];
  #line: ChannelState = { state: 'open' };
  #intake = this.#boot([]);

  async happen(what: What, after: number): Promise<void> {
    await this.#clock.advance(after);
    if (what === 'line up') this.#line = { state: 'open' };
    else if (what === 'line down') this.#line = { state: 'faulted', fault: 'connection-refused', detail: '' };
    else if (what === 'away') this.#intake.away(device, 'no-answer');
    else if (typeof what === 'boolean') this.#intake.answers(device, new Map([['on', good(what)]]));
    else if (what === null) this.#intake.answers(device, new Map([['t', bad('no-value')]]));
    else if (typeof what === 'number') this.#intake.answers(device, new Map([['t', good(what)]]));
    this.#intake.stepWaiting();
    if (what === 'kill' || what === 'kill, unjournalled') {
      if (what === 'kill') this.commit();
      this.#waiting = [];
      this.#intake = this.#boot(this.#intake.alarms.active());
    } else if (after % 2 === 0) this.commit();
  }

  commit(): void {
    for (const write of this.#waiting) write();
    this.#waiting = [];
  }

  /** Rules that are active, and whether they are suppressed: by the records, and as the live lane has it. */
  active(): { readonly told: ReadonlyMap<string, boolean>; readonly live: ReadonlyMap<string, boolean> } {
    const told = new Map<string, boolean>();
    for (const event of this.records) {
      if (event?.event !== 'alarm') continue;
      if (event.active) told.set(`${event.device} ${event.rule}`, event.suppressed ?? false);
      else told.delete(`${event.device} ${event.rule}`);
    }
    const board = this.#intake.alarms.active();
    return { told, live: new Map(board.map((each) => [`${each.device} ${each.rule}`, each.suppressed ?? false])) };
  }

  /** As the app does: the alarms that the journal holds as active are named by the first record. */
  #boot(restored: readonly LiveAlarm[]): Intake {
    const alarms = { timezone: 'Asia/Seoul', holidays: [], restored, lineState: () => this.#line };
    const intake: Intake = new Intake(
      plant,
      catalogue,
      {
        reading: () => this.#waiting.push(() => this.#write(undefined, intake)),
        event: (event, { onNumber } = {}) =>
          this.#waiting.push(() => {
            onNumber?.({ epoch: EPOCH, seq: this.records.length });
            this.#write(event, intake);
          }),
      },
      this.#clock,
      { alarms },
    );
    const held = intake.alarms.active().map(({ device: name, rule }) => ({ device: name, rule }));
    this.#write({ event: 'boot', at: this.#clock.now(), boot: 1, software: 'x', alarms: held }, intake);
    return intake;
  }

  #write(event: JournalEvent | undefined, intake: Intake): void {
    this.records.push(event);
    this.boards.push(intake.alarms.list());
  }
}

const happenings = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 4000 }),
    what: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 15 }) as fc.Arbitrary<What> },
      { weight: 5, arbitrary: fc.constantFrom<What>('time', 'away', null, true, false, 'line up', 'line down') },
      { weight: 2, arbitrary: fc.constantFrom<What>('kill', 'kill, unjournalled') },
    ),
  }),
  { minLength: 20, maxLength: 80 },
);

test('edge and hub agree after any outage: the same alarms active and suppressed, each told once', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(happenings, deliveries, async (life, order) => {
      const edge = new Edge();
      for (const { what, after } of life) await edge.happen(what, after);
      edge.commit();
      const desk = deliver(edge, order);
      const active = desk.shelf.alarms().filter((alarm) => alarm.active);
      const { told, live } = edge.active();
      expect(live).toEqual(told);
      expect(new Map(active.map((each) => [`${each.device} ${each.rule}`, each.suppressed]))).toEqual(told);
      for (const what of ['raised', 'cleared'] as const) {
        const ids = desk.log.filter((entry) => entry.what === what).map(({ alarm }) => alarm.id);
        expect(new Set(ids).size).toBe(ids.length);
      }
      expect(desk.count('raised') - desk.count('cleared')).toBe(active.length);
      const crossings = edge.records.filter((event) => event?.event === 'alarm' && event.active).length;
      expect(desk.count('raised')).toBeLessThanOrEqual(crossings);
    }),
    { numRuns: 500 },
  );
});

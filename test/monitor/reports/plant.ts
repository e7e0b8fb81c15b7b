import type { CatalogueRule } from '../../../cloud-sync/protocol/catalogue.ts';
import { bad, good, type Outcome } from '../../../core/reading.ts';
import { settle } from '../../../monitor/archive/settle.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { catalogue, column, entry, gap, Journal } from '../support/batches.ts';
import { type HubOptions, startHub } from '../support/hub.ts';

export const MIN = 60_000;
export const HOUR = 60 * MIN;
/** Midnight in Seoul, 2026-11-20, a Friday. */
export const MIDNIGHT = Date.parse('2026-11-19T15:00:00Z');
export const SITE = 'Seoul plant 1';

const { energy } = parseHubSettings(`
dataDir: /d
energy:
  timezone: Asia/Seoul
  meters:
    - { name: main, power: plant-1/meter/power, title: { en: Main supply, ko: 수전 } }
    - { name: elsewhere, power: other/meter/power }
  groups:
    - { name: all, meters: [main], target: 70, title: { en: Whole plant, ko: 전체 } }
`);

const rule = (device: string, id: string, point: string, condition: object, ko: string): CatalogueRule => ({
  ...{ device, id, point, priority: id === 'hot' ? ('high' as const) : ('low' as const), condition },
  ...{ text: { en: `${device} ${id}`, ko }, action: {} },
});

/** A day of a small plant: an aisle that was too warm for two hours, a meter with a silence, a UPS on battery, a lost journal. */
export async function startPlant(options: HubOptions = {}) {
  const clock = new FakeClock(MIDNIGHT + 33 * HOUR);
  const hub = await startHub({ clock, energy, ...options });
  const journal = new Journal();
  const known = catalogue([
    entry(0, 'aisle', 'temperature', { title: { en: 'Temperature', ko: '온도' }, everyMs: MIN }),
    entry(1, 'aisle', 'humidity', { unit: '%', everyMs: MIN, title: { en: 'Humidity', ko: '습도' } }),
    entry(2, 'meter', 'power', { unit: 'kW', everyMs: MIN }),
    entry(3, 'ups', 'load', { unit: '%', everyMs: MIN }),
  ]);
  const classes: Record<string, string> = { aisle: 'climate', meter: 'power-meter', ups: 'ups' };
  const titles: Record<string, string> = { aisle: '냉복도', meter: '수전 전력량계', ups: '무정전전원' };
  const minutes = Array.from({ length: 33 * 60 }, (_, minute) => minute);
  const rows = (value: (minute: number) => Outcome | undefined) =>
    minutes.flatMap((minute) => {
      const outcome = value(minute);
      return outcome ? [[MIDNIGHT + minute * MIN, outcome] as const] : [];
    });
  await hub.archive.append([
    journal.batch(
      [
        journal.publish(
          {
            ...known,
            devices: known.devices.map((device) => ({
              ...device,
              title: { en: device.name, ko: titles[device.name] ?? device.name },
              class: classes[device.name] ?? '',
            })),
            rules: [
              rule('aisle', 'hot', 'temperature', { kind: 'above', limit: 27 }, '냉복도 온도 높음'),
              rule('ups', 'on-battery', 'load', { kind: 'above', limit: 100 }, 'UPS 배터리 운전'),
            ],
          },
          MIDNIGHT - HOUR,
        ),
        journal.readings([
          // 23 °C; 30 °C from 10:00 to 12:00, just before a silence of two hours.
          column(
            0,
            rows((minute) =>
              minute >= 720 && minute < 840 ? undefined : good(minute >= 600 && minute < 720 ? 30 : 23),
            ),
          ),
          column(
            1,
            rows((minute) => (minute < 60 ? bad('no-answer') : good(45))),
          ),
          // 60 kW; 80 kW in the window from 14:00; silent from 20:00 to 22:00.
          column(
            2,
            rows((minute) =>
              minute >= 1200 && minute < 1320 ? undefined : good(minute >= 840 && minute < 855 ? 80 : 60),
            ),
          ),
        ]),
        journal.events(
          {
            event: 'alarm',
            at: MIDNIGHT + 10 * HOUR,
            device: 'aisle',
            rule: 'hot',
            point: 'temperature',
            active: true,
          },
          {
            event: 'alarm',
            at: MIDNIGHT + 12 * HOUR,
            device: 'aisle',
            rule: 'hot',
            point: 'temperature',
            active: false,
          },
          { event: 'alarm', at: MIDNIGHT + 15 * HOUR, device: 'ups', rule: 'on-battery', point: 'load', active: true },
          {
            event: 'alarm',
            at: MIDNIGHT + 15 * HOUR + 40_000,
            device: 'ups',
            rule: 'on-battery',
            point: 'load',
            active: false,
          },
          {
            event: 'alarm',
            at: MIDNIGHT + 23 * HOUR,
            device: 'aisle',
            rule: 'hot',
            point: 'temperature',
            active: true,
          },
        ),
      ],
      { gaps: [gap(90_000, 90_250, { reason: 'retention' })], arrivedAt: MIDNIGHT + 16 * HOUR },
    ),
  ]);
  await hub.desk.catchUp();
  await settle(hub.database, { before: MIDNIGHT + 24 * HOUR, arrivedBefore: 0, zoneOf: () => 'Asia/Seoul' });
  return { ...hub, clock, journal };
}

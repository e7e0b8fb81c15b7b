import type { DeviceLimits } from '../devices/driver.ts';
import type { ModbusAddress } from '../devices/modbus/address.ts';
import { planBlocks } from '../devices/modbus/plan.ts';
import type { PointSpec } from '../devices/plant-types.ts';
import { polledPoints } from '../devices/polled-points.ts';
import { profileDevice } from '../devices/profile-device.ts';
import { ProfileLibrary } from '../devices/profile-library.ts';
import type { Bench, Row } from './report.ts';

const LEAST_POINTS = 5;
/** The widest hole that a peer joins over by default (Telegraf's `max_insert`). */
const WIDE_GAP = 50;

interface Map {
  readonly profile: string;
  readonly addresses: readonly ModbusAddress[];
  readonly points: readonly PointSpec[];
  readonly limits: DeviceLimits;
}

/** A peer's way: in the order of the registers, joined to the one before where the hole, the length and the maker allow it. */
function inOrder({ addresses, limits }: Map, maxGap: number): number {
  const sorted = [...addresses].sort((a, b) => a.table.localeCompare(b.table) || a.register - b.register);
  let [requests, start, end, table] = [0, 0, 0, ''];
  for (const { table: own, register, length } of sorted) {
    const isBits = own === 'coil' || own === 'discrete';
    const most = isBits ? limits.bits : limits.registers;
    const gap = isBits ? maxGap * 16 : maxGap;
    const isForbidden = limits.forbidden.some(
      (range) => range.table === own && range.from < register && range.to >= end,
    );
    const fits = register - end <= gap && Math.max(end, register + length) - start <= most;
    const joins = own === table && fits && !isForbidden && !limits.onePointPerRequest;
    if (!joins) {
      requests += 1;
      [start, end, table] = [register, 0, own];
    }
    end = Math.max(end, register + length);
  }
  return requests;
}

async function maps(): Promise<Map[]> {
  const library = await ProfileLibrary.open();
  const found: Map[] = [];
  for (const profile of library.names) {
    const loaded = await library.find(profile);
    const device = loaded?.value.driver.startsWith('modbus') ? profileDevice(loaded, () => {}) : undefined;
    const points = device ? polledPoints(device) : [];
    if (!device || points.length < LEAST_POINTS) continue;
    const addresses = points.map(({ address }) => address as ModbusAddress);
    found.push({ profile, addresses, points, limits: device.limits });
  }
  return found;
}

/** Requests for one round of every map, by our planner and by the ways of peers, under the same limits of the device. */
export const bench: Bench = {
  name: 'plans: requests for the published maps of the library',
  async run(): Promise<Row[]> {
    const all = await maps();
    const ours = (map: Map, maxGap: number) => planBlocks(map.points as never, { ...map.limits, maxGap }).length;
    const sum = (count: (map: Map) => number) => all.reduce((total, map) => total + count(map), 0);
    const worst = (maxGapOf: (map: Map) => number) =>
      Math.max(...all.map((map) => ours(map, maxGapOf(map)) / inOrder(map, maxGapOf(map))));
    const own = (map: Map) => map.limits.maxGap;
    return [
      { what: 'maps', value: all.length, unit: '', goal: { of: 'value', least: 20 } },
      { what: 'points', value: sum(({ points }) => points.length), unit: '' },
      {
        what: 'a request for each point (thingsboard-gateway 406)',
        value: sum(({ points }) => points.length),
        unit: 'requests',
      },
      { what: 'neighbours alone, no hole (device-modbus-go)', value: sum((map) => inOrder(map, 0)), unit: 'requests' },
      {
        what: 'Sluice, holes as the profile allows',
        value: sum((map) => ours(map, own(map))),
        unit: 'requests',
        baseline: { what: 'in order, the same holes (wb-mqtt-serial)', value: sum((map) => inOrder(map, own(map))) },
        goal: { of: 'ratio', most: 1 },
      },
      { what: '  on the worst map', value: worst(own), unit: 'of its', goal: { of: 'value', most: 1 } },
      {
        what: `Sluice, holes up to ${WIDE_GAP} registers`,
        value: sum((map) => ours(map, WIDE_GAP)),
        unit: 'requests',
        baseline: { what: 'in order (Telegraf max_insert)', value: sum((map) => inOrder(map, WIDE_GAP)) },
        goal: { of: 'ratio', most: 1 },
      },
      { what: '  on the worst map', value: worst(() => WIDE_GAP), unit: 'of its', goal: { of: 'value', most: 1 } },
    ];
  },
};

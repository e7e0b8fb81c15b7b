import type { Outcome } from '../../../core/reading.ts';
import { STANDARD_LIMITS } from '../../../devices/limits.ts';
import { type ModbusAddress, modbusAddress } from '../../../devices/modbus/address.ts';
import { REGISTERS_OF, type RegisterType, TABLES, type Table } from '../../../devices/modbus/register-types.ts';
import type { DeviceSpec, PointSpec } from '../../../devices/plant-types.ts';
import { seeded } from '../../support/mutate.ts';
import { plantOf, point } from '../../support/plant.ts';
import { drawHeld, type Held, isSame } from './held-value.ts';

/** A device made up by a seed, whose every value is another one after each request. */
export class RandomDevice {
  readonly spec: DeviceSpec;
  readonly #seed: number;
  /** When each generation of values ended; the last goes on. */
  readonly #ends: number[] = [];

  constructor(seed: number, unitId: number, driver: string) {
    this.#seed = seed;
    const random = seeded(seed);
    const below = (n: number) => Math.floor(random() * n);
    // Requests that differ in nothing but their register: what a wrong answer fits best.
    const isAlike = random() < 0.4;
    const limits = {
      ...STANDARD_LIMITS,
      registers: random() < 0.5 ? 125 : 8 + below(60),
      bits: random() < 0.5 ? 2000 : 16 + below(100),
      maxGap: below(12),
      bitsFromZero: random() < 0.2,
      onePointPerRequest: isAlike || random() < 0.1,
    };
    const points = TABLES.flatMap((table) => drawPoints(table, isAlike ? ALIKE : TYPES, random));
    this.spec = plantOf(points, { name: `d${unitId}`, unitId, driver, limits }).devices[0] as DeviceSpec;
  }

  /** What a request for these registers or bits is answered with; everything changes then. */
  answer(table: Table, start: number, count: number): Buffer {
    const isBits = table === 'coil' || table === 'discrete';
    const bytes = Buffer.alloc(isBits ? (count + 7) >> 3 : count * 2);
    this.spec.points.forEach(({ address }, index) => {
      const place = address as ModbusAddress;
      const at = place.register - start;
      if (place.table !== table || at >= count || at + place.length <= 0) return;
      const held = this.#held(index, this.#ends.length).bytes;
      if (isBits) bytes[at >> 3] = (bytes[at >> 3] as number) | ((held[0] as number) << (at & 7));
      // Only as much of it as was asked for.
      else held.copy(bytes, Math.max(0, at * 2), Math.max(0, -at * 2));
    });
    this.#ends.push(performance.now());
    return bytes;
  }

  /** Did the point hold this at any time since? */
  heldSince(since: number, name: string, outcome: Outcome): boolean {
    const index = this.spec.points.findIndex((each) => each.name === name);
    for (let generation = this.#ends.length; generation >= 0; generation--) {
      if ((this.#ends[generation] ?? Number.POSITIVE_INFINITY) < since) return false;
      if (isSame(this.#held(index, generation).outcome, outcome)) return true;
    }
    return false;
  }

  #held(index: number, generation: number): Held {
    const { address } = this.spec.points[index] as PointSpec;
    return drawHeld(address as ModbusAddress, seeded(this.#seed * 31 + index * 7919 + generation * 104_729));
  }
}

const ORDERS = ['ABCD', 'BADC', 'CDAB', 'DCBA'];
const RHYTHMS = [20, 35, 60];
const TYPES = Object.keys(REGISTERS_OF) as RegisterType[];
const ALIKE: readonly RegisterType[] = ['uint16'];

function drawPoints(table: Table, types: readonly RegisterType[], random: () => number): PointSpec[] {
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]) => list[below(list.length)] as T;
  const isBits = table === 'coil' || table === 'discrete';
  const points: PointSpec[] = [];
  let register = below(50);
  for (let left = below(12); left > 0; left--) {
    const type = pick(types);
    const address = modbusAddress.parse({ table, register, ...(isBits ? {} : drawKind(type, register, random)) });
    points.push(point(`${table}${register}`, { address, rhythm: { everyMs: pick(RHYTHMS) } }));
    register += address.length + (random() < 0.5 ? 0 : below(20));
  }
  return points;
}

function drawKind(type: RegisterType, register: number, random: () => number): object {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const isInteger = /^u?int/.test(type);
  if (isInteger && random() < 0.15) return { type, scaleFrom: { register: register + REGISTERS_OF[type] } };
  const byteOrder = pick(ORDERS);
  if (type === 'string') return { type, byteOrder, length: 3 };
  if (type === 'bool') return { type, byteOrder, ...(random() < 0.7 ? { bit: Math.floor(random() * 16) } : {}) };
  if (type === 'bits') return { type, byteOrder };
  const scale = random() < 0.5 ? { scale: pick([0.1, 0.01, -1]), offset: pick([0, -40]) } : {};
  const code = type.endsWith('24') ? 0x800000 : '0x8000';
  return { type, byteOrder, ...scale, ...(isInteger && random() < 0.4 ? { invalid: code } : {}) };
}

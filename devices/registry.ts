import { dlt645 } from './dlt645/driver.ts';
import type { Driver } from './driver.ts';
import { iec62056 } from './iec62056/driver.ts';
import { mbus } from './mbus/driver.ts';
import { modbusRtu, modbusTcp } from './modbus/driver.ts';
import { textLine } from './text/driver.ts';

/** Every protocol, one line each. */
export const DRIVERS: readonly Driver[] = [
  modbusRtu,
  modbusTcp,
  textLine,
  dlt645,
  mbus,
  iec62056,
] as unknown as readonly Driver[];

/** Promised, not built yet: refused with a message that says so. */
export const PLANNED_DRIVERS: readonly string[] = ['snmp'];

export function findDriver(name: string): Driver | undefined {
  return DRIVERS.find((driver) => driver.name === name);
}

/** Drivers that read the same register maps and differ only in how frames travel, such as Modbus RTU and TCP. */
export function speakAlike(a: Driver, b: Driver): boolean {
  return a.address === b.address;
}

import { Fault } from '../../core/faults.ts';
import { bad, good, type Outcome, type Value } from '../../core/reading.ts';
import type { WriteResult } from '../driver.ts';
import type { ModbusAddress } from './address.ts';
import type { ModbusClient } from './client.ts';
import { decoderOf } from './decode.ts';
import { encodeValue, isOn } from './encode.ts';
import { DeviceException } from './exception.ts';
import { factorOf, valueAlone } from './scale-factor.ts';

/** A write with everything known that it needs. */
interface Order {
  /** As the device can hold it. */
  readonly wrote: Value;
  send(): Promise<void>;
}

/** Writes, and reads back what the device then holds. Function codes 5, 6, 15, 16, and 22 where the address says so. */
export async function writePoint(
  client: ModbusClient,
  unitId: number,
  address: ModbusAddress,
  value: Value,
): Promise<WriteResult> {
  let order: Order;
  try {
    order = await prepare(client, unitId, address, value);
  } catch (error) {
    return notWritten('failed', error);
  }
  try {
    await order.send();
  } catch (error) {
    const isRefused = error instanceof DeviceException && !error.leavesOpen;
    return notWritten(isRefused ? 'refused' : 'unknown', error);
  }
  const { wrote } = order;
  if (!address.readBack) return { result: 'done', wrote };
  try {
    const readBack = await readPoint(client, unitId, address);
    const same = readBack.quality === 'good' && readBack.value === wrote;
    return { result: same ? 'done' : 'differs', wrote, readBack };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { result: 'done', wrote, readBack: bad(error.code) };
  }
}

function notWritten(result: 'refused' | 'unknown' | 'failed', error: unknown): WriteResult {
  if (!(error instanceof Fault)) throw error;
  const exception = error instanceof DeviceException ? { exception: error.exception } : {};
  return { result, fault: error.code, detail: error.message, ...exception };
}

/** Reads what must be known first; throws a `Fault` if nothing can be sent. */
async function prepare(client: ModbusClient, unitId: number, address: ModbusAddress, value: Value): Promise<Order> {
  const { table, register, writeWith } = address;
  const multiple = writeWith === 'multiple';
  if (table === 'coil') {
    const on = isOn(value);
    return { wrote: on, send: () => client.writeCoil(unitId, register, on, multiple) };
  }
  if (table !== 'holding') throw new Fault('value-unfit', `table ${table} cannot be written`);
  if (address.bit !== undefined) return prepareBit(client, unitId, address, isOn(value));
  const alone = address.scaleAt === undefined ? address : await withFactor(client, unitId, address, address.scaleAt);
  const bytes = encodeValue(alone, value);
  const held = decoderOf(alone)(bytes, 0);
  if (held.quality === 'bad') throw new Fault('value-unfit', `${value} is the device's own code for "no value"`);
  return {
    wrote: held.value,
    send: () => client.writeRegisters(unitId, alone.register, bytes, multiple || alone.size > 1),
  };
}

/** One bit among others: they are read and sent again as they are, or the device changes the one by itself. */
async function prepareBit(client: ModbusClient, unitId: number, address: ModbusAddress, on: boolean): Promise<Order> {
  const { register, writeWith } = address;
  const mask = encodeValue(address, true).readUInt16BE(0);
  const bits = on ? mask : 0;
  if (writeWith === 'mask') return { wrote: on, send: () => client.maskRegister(unitId, register, mask, bits) };
  const bytes = await client.read('holding', unitId, register, 1);
  const before = decoderOf(address)(bytes, 0);
  if (before.quality === 'bad') throw new Fault(before.fault, 'the other bits of the register are not known');
  const word = Buffer.alloc(2);
  word.writeUInt16BE((bytes.readUInt16BE(0) & ~mask & 0xffff) | bits);
  return { wrote: on, send: () => client.writeRegisters(unitId, register, word, writeWith === 'multiple') };
}

async function withFactor(
  client: ModbusClient,
  unitId: number,
  address: ModbusAddress,
  scaleAt: number,
): Promise<ModbusAddress> {
  const bytes = await client.read(address.table, unitId, address.register + scaleAt, 1);
  const factor = factorOf(bytes, 0, address);
  if (factor === undefined) throw new Fault('no-scale');
  return valueAlone(address, factor);
}

async function readPoint(client: ModbusClient, unitId: number, address: ModbusAddress): Promise<Outcome> {
  const { table, register, length } = address;
  const bytes = await client.read(table, unitId, register, length);
  return table === 'coil' ? good(((bytes[0] as number) & 1) === 1) : decoderOf(address)(bytes, 0);
}

import { Fault } from '../../core/faults.ts';
import { good, type Outcome, type Value } from '../../core/reading.ts';
import type { Driver, DriverPoint, Line } from '../driver.ts';
import { type ModbusAddress, modbusAddress } from './address.ts';
import { clientsOver, type ModbusClient } from './client.ts';
import { encodeValue, isOn } from './encode.ts';
import { isBitTable, type ModbusRequest, planBlocks } from './plan.ts';
import type { ModbusPort } from './port.ts';
import { modbusRefusals } from './refusal.ts';
import { RtuPort } from './rtu-port.ts';
import { TcpPort } from './tcp-port.ts';

function modbusDriver(name: string, makePort: (line: Line) => ModbusPort): Driver<ModbusAddress, ModbusRequest> {
  const clientOf = clientsOver(makePort);
  return {
    name,
    address: modbusAddress,
    plan: planBlocks,
    refusals: modbusRefusals,
    covers: (request) => request.fields.map((field) => field.name),
    async read(request, line, { unitId }) {
      const bytes = await clientOf(line).read(request.table, unitId, request.start, request.count);
      return isBitTable(request.table) ? bitAnswers(request, bytes) : registerAnswers(request, bytes);
    },
    write: (point, value, line, { unitId }) => writePoint(clientOf(line), unitId, point, value),
  };
}

function registerAnswers({ fields }: ModbusRequest, bytes: Buffer): Map<string, Outcome> {
  const answers = new Map<string, Outcome>();
  for (const { name, at, decode } of fields) answers.set(name, decode(bytes, at));
  return answers;
}

function bitAnswers({ fields }: ModbusRequest, bytes: Buffer): Map<string, Outcome> {
  const answers = new Map<string, Outcome>();
  for (const { name, at } of fields) answers.set(name, good((((bytes[at >> 3] as number) >> (at & 7)) & 1) === 1));
  return answers;
}

async function writePoint(
  client: ModbusClient,
  unitId: number,
  { address }: DriverPoint<ModbusAddress>,
  value: Value,
): Promise<void> {
  const { table, register, length } = address;
  const multiple = address.writeWith === 'multiple' || length > 1;
  if (table === 'coil') return client.writeCoil(unitId, register, isOn(value), multiple);
  if (table !== 'holding') throw new Fault('illegal-function', `a ${table} cannot be written`);
  return client.writeRegisters(unitId, register, encodeValue(address, value), multiple);
}

export const modbusRtu = modbusDriver('modbus-rtu', (line) => new RtuPort(line));
export const modbusTcp = modbusDriver('modbus-tcp', (line) => new TcpPort(line));

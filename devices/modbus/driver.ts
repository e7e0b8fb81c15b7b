import { good, type Outcome } from '../../core/reading.ts';
import type { Driver, Line } from '../driver.ts';
import { type ModbusAddress, modbusAddress } from './address.ts';
import { clientsOver } from './client.ts';
import { isBitTable, type ModbusRequest, planBlocks } from './plan.ts';
import type { ModbusPort } from './port.ts';
import { modbusRefusals } from './refusal.ts';
import { RtuPort } from './rtu-port.ts';
import { TcpPort } from './tcp-port.ts';
import { writePoint } from './write.ts';

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
    write: (point, value, line, { unitId }) => writePoint(clientOf(line), unitId, point.address, value),
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

export const modbusRtu = modbusDriver('modbus-rtu', (line) => new RtuPort(line));
export const modbusTcp = modbusDriver('modbus-tcp', (line) => new TcpPort(line));

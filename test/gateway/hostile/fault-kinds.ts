import type { FaultCode } from '../../../core/faults.ts';
import { putCrc } from '../../../devices/modbus/crc16.ts';

export type Framing = 'modbus-rtu' | 'modbus-tcp';

/** A reply before it is framed. */
export interface Reply {
  readonly transaction: number;
  readonly unit: number;
  /** Function code and data. */
  readonly pdu: Buffer;
}

/** What goes out, and when: a hostile device's answer to one request. */
export interface Emission {
  readonly bytes: Buffer;
  readonly afterMs?: number;
  /** In single bytes. */
  readonly isSplit?: boolean;
  /** The connection is closed behind it. */
  readonly closes?: boolean;
}

export interface FaultKind {
  readonly name: string;
  /** Codes that may come of it; none if the reply is right all the same. */
  readonly codes: readonly FaultCode[];
  /** Left out: both. */
  readonly framing?: Framing;
  /** From then on the connection's frames are out of step. */
  readonly isTorn?: boolean;
  emit(reply: Reply, how: { framing: Framing; random: () => number; timeoutMs: number }): readonly Emission[];
}

export function framed({ transaction, unit, pdu }: Reply, framing: Framing): Buffer {
  const frame = Buffer.alloc(pdu.length + (framing === 'modbus-rtu' ? 3 : 7));
  if (framing === 'modbus-rtu') {
    frame[0] = unit;
    pdu.copy(frame, 1);
    putCrc(frame, pdu.length + 1);
    return frame;
  }
  frame.writeUInt16BE(transaction, 0);
  frame.writeUInt16BE(pdu.length + 1, 4);
  frame[6] = unit;
  pdu.copy(frame, 7);
  return frame;
}

/** A frame that is sound but for what `change` does to the reply before. */
const changed =
  (change: (reply: Reply, random: () => number) => Partial<Reply>): FaultKind['emit'] =>
  (reply, { framing, random }) => [{ bytes: framed({ ...reply, ...change(reply, random) }, framing) }];

/** A sound frame, damaged after its making. */
const damaged =
  (damage: (frame: Buffer, random: () => number) => Buffer): FaultKind['emit'] =>
  (reply, { framing, random }) => [{ bytes: damage(framed(reply, framing), random) }];

const exception = (code: number, fault: FaultCode): FaultKind => ({
  name: `exception ${code}`,
  codes: [fault],
  emit: changed(({ pdu }) => ({ pdu: Buffer.of((pdu[0] as number) | 0x80, code) })),
});

const below = (random: () => number, n: number) => Math.floor(random() * n);

function flipped(frame: Buffer, places: readonly number[]): Buffer {
  for (const place of places) frame.writeUInt8((frame[place >> 3] as number) ^ (1 << (place & 7)), place >> 3);
  return frame;
}

function noise(random: () => number): Buffer {
  const length = random() < 0.03 ? 1_000_000 : 1 + below(random, 600);
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < Math.min(length, 600); i++) bytes[i] = below(random, 256);
  return length > 600 ? bytes.fill(bytes.subarray(0, 600), 600) : bytes;
}

const BROKEN: readonly FaultCode[] = ['garbled', 'line-closed'];

export const FAULT_KINDS: readonly FaultKind[] = [
  { name: 'silence', codes: ['no-answer'], emit: () => [] },
  {
    name: 'late',
    codes: ['no-answer'],
    emit: (reply, { framing, timeoutMs, random }) => [
      { bytes: framed(reply, framing), afterMs: timeoutMs * (1 + random() * 2) },
    ],
  },
  { name: 'closed', codes: ['line-closed'], emit: () => [{ bytes: Buffer.alloc(0), closes: true }] },
  {
    name: 'closed within',
    codes: ['line-closed'],
    emit: (reply, { framing, random }) => {
      const frame = framed(reply, framing);
      return [{ bytes: frame.subarray(0, 1 + below(random, frame.length - 1)), closes: true }];
    },
  },
  {
    name: 'split at every byte',
    codes: [],
    emit: (reply, { framing }) => [{ bytes: framed(reply, framing), isSplit: true }],
  },
  {
    name: 'twice',
    codes: BROKEN,
    emit: (reply, { framing }) => [{ bytes: Buffer.concat([framed(reply, framing), framed(reply, framing)]) }],
  },
  {
    name: 'long',
    codes: BROKEN,
    emit: damaged((frame, random) => Buffer.concat([frame, noise(random)])),
    isTorn: true,
  },
  { name: 'another unit', codes: BROKEN, emit: changed(({ unit }) => ({ unit: unit ^ 3 })) },
  {
    name: 'another function',
    codes: BROKEN,
    emit: changed(({ pdu }) => ({ pdu: Buffer.concat([Buffer.of((pdu[0] as number) ^ 7), pdu.subarray(1)]) })),
  },
  {
    name: 'an exception to another function',
    codes: BROKEN,
    emit: changed(({ pdu }) => ({ pdu: Buffer.of(((pdu[0] as number) ^ 7) | 0x80, 2) })),
  },
  {
    name: 'fewer data',
    codes: BROKEN,
    emit: changed(({ pdu }, random) => {
      const length = below(random, pdu.length - 2);
      return { pdu: Buffer.concat([Buffer.of(pdu[0] as number, length), pdu.subarray(2, 2 + length)]) };
    }),
  },
  {
    name: 'more data',
    codes: BROKEN,
    emit: changed(({ pdu }, random) => {
      const more = Buffer.alloc(1 + below(random, 3), 0x33);
      return { pdu: Buffer.concat([Buffer.of(pdu[0] as number, pdu.length - 2 + more.length), pdu.subarray(2), more]) };
    }),
  },
  {
    name: 'cut off',
    codes: BROKEN,
    emit: damaged((frame, random) => frame.subarray(0, 1 + below(random, frame.length - 1))),
    isTorn: true,
  },
  {
    name: 'garbage',
    codes: ['garbled', 'no-answer', 'line-closed'],
    emit: damaged((_, random) => noise(random)),
    isTorn: true,
  },
  exception(2, 'illegal-address'),
  exception(3, 'illegal-value'),
  exception(4, 'device-failure'),
  exception(6, 'device-busy'),
  exception(11, 'gateway-target'),
  {
    name: 'a wrong CRC',
    framing: 'modbus-rtu',
    codes: BROKEN,
    emit: damaged((frame, random) => flipped(frame, [frame.length * 8 - 1 - below(random, 16)])),
  },
  {
    name: 'flipped bits',
    framing: 'modbus-rtu',
    codes: [...BROKEN, 'no-answer'],
    emit: damaged((frame, random) => {
      const first = below(random, frame.length * 8 - 1);
      return flipped(frame, random() < 0.5 ? [first] : [first, first + 1]);
    }),
  },
  {
    name: 'another protocol',
    framing: 'modbus-tcp',
    codes: BROKEN,
    emit: damaged((frame, random) => flipped(frame, [16 + below(random, 16)])),
  },
  {
    name: 'an unknown transaction',
    framing: 'modbus-tcp',
    codes: ['no-answer'],
    // Ours are counted up: what lies far ahead belongs to nobody.
    emit: changed(({ transaction }) => ({ transaction: (transaction + 0x7fff) & 0xffff })),
  },
  {
    name: 'another length',
    framing: 'modbus-tcp',
    codes: [...BROKEN, 'no-answer'],
    emit: damaged((frame, random) => {
      const honest = frame.readUInt16BE(4);
      frame.writeUInt16BE(
        random() < 0.3
          ? below(random, 0x1_0000)
          : Math.max(0, honest + 1 + below(random, 8) * (random() < 0.5 ? 1 : -1)),
        4,
      );
      return frame.readUInt16BE(4) === honest ? flipped(frame, [32]) : frame;
    }),
    isTorn: true,
  },
];

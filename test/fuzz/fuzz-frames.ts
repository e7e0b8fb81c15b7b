import { constants, deflateRawSync } from 'node:zlib';
import { encodeReadings } from '../../cloud-sync/protocol/columns.ts';
import { crc32c } from '../../cloud-sync/protocol/crc32c.ts';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { decodeEnvelope, encodeEnvelope } from '../../cloud-sync/protocol/envelope.ts';
import { encodeEvents } from '../../cloud-sync/protocol/event-body.ts';
import { encodeFrame, type FrameHeader, MAX_BODY_BYTES, type ReadingColumn } from '../../cloud-sync/protocol/frame.ts';
import { isFault } from '../../core/faults.ts';
import { mutated, seeded } from '../support/mutate.ts';
import { fuzz, type Tally } from './tally.ts';

const HEADER_BYTES = 57;
const CRC_AT = 53;
const T0 = 1_793_491_200_000;
const MAX_STAMP = 7_258_118_400_000;

/**
 * Frames that were damaged with care: fields, lengths and bodies change, and half of them get a right checksum afterwards, so that what
 * lies behind it is reached. With a wrong checksum nothing may come out; with a right one only what is within bounds.
 */
export function fuzzFrames(seed: number, inputs: number): Tally {
  const random = seeded(seed);
  return fuzz(inputs, (round) => {
    const frame = mutatedFrame(random, seed + round);
    const resealed = random() < 0.5 && reseal(frame);
    try {
      const decoded = decodeFrame(frame);
      if (!resealed && isNew(frame)) throw new Error(`a damaged frame was taken (seed ${seed}, round ${round})`);
      checkBounds(decoded);
      return true;
    } catch (error) {
      if (!isFault(error, 'frame-malformed', 'frame-damaged')) throw error;
      return false;
    }
  });
}

const originals = new Set<string>();

function isNew(frame: Buffer): boolean {
  return !originals.has(frame.toString('base64'));
}

function checkBounds(decoded: ReturnType<typeof decodeFrame>): void {
  if (decoded.kind === 'events') {
    if (decoded.events.length !== decoded.header.count) throw new Error('count of events');
    return;
  }
  let count = 0;
  for (const { times, values, faults } of decoded.columns) {
    count += times.length;
    if (!times.every((at) => at >= 0 && at < MAX_STAMP)) throw new Error('a stamp out of bounds');
    const length =
      values.kind === 'number'
        ? values.numbers.length
        : values.kind === 'boolean'
          ? values.bits.length
          : values.texts.length;
    if (length !== times.length || (faults && faults.length !== times.length))
      throw new Error('columns of unlike length');
  }
  if (count !== decoded.header.count) throw new Error('count of readings');
}

function mutatedFrame(random: () => number, seed: number): Buffer {
  const frame = makeFrame(random);
  if (originals.size > 5000) originals.clear();
  originals.add(frame.toString('base64'));
  const way = random();
  if (way < 0.25) return mutated(frame, seed);
  if (way < 0.5) return withBody(frame, mutated(frame.subarray(HEADER_BYTES), seed));
  if (way < 0.75) {
    const copy = Buffer.from(frame);
    // One field of the header, at one of its edges.
    const [at, size] = FIELDS[Math.floor(random() * FIELDS.length)] as [number, number];
    copy.fill(random() < 0.5 ? 0xff : 0, at, at + size);
    if (random() < 0.5) copy[at + size - 1] = Math.floor(random() * 256);
    return copy;
  }
  return withBody(frame, bomb(random));
}

/** kind, flags, epoch, first, count, catalogue, boot, chain, body length. */
const FIELDS = [
  [3, 1],
  [4, 1],
  [5, 16],
  [21, 8],
  [29, 4],
  [33, 4],
  [37, 4],
  [41, 8],
  [49, 4],
] as const;

/** A body that unpacks to far more than it is. */
function bomb(random: () => number): Buffer {
  const bytes = Math.floor(random() * 3 * MAX_BODY_BYTES * 0.02) + (random() < 0.01 ? 2 * MAX_BODY_BYTES : 0);
  return deflateRawSync(Buffer.alloc(bytes, Math.floor(random() * 256)), { level: constants.Z_BEST_SPEED });
}

function withBody(frame: Buffer, body: Buffer): Buffer {
  const whole = Buffer.concat([frame.subarray(0, HEADER_BYTES), body]);
  whole.writeUInt32BE(body.length, 49);
  whole[4] = (whole[4] ?? 0) ^ (body.length & 1);
  return whole;
}

function reseal(frame: Buffer): boolean {
  if (frame.length < HEADER_BYTES) return false;
  frame.writeUInt32BE(crc32c(frame.subarray(HEADER_BYTES), crc32c(frame.subarray(0, CRC_AT))), CRC_AT);
  return true;
}

function makeFrame(random: () => number): Buffer {
  const events = random() < 0.3;
  const columns = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, point) => makeColumn(point, random));
  const count = events ? 2 : columns.reduce((sum, { times }) => sum + times.length, 0);
  const header: FrameHeader = {
    ...{ kind: events ? 'events' : 'readings', epoch: 'ab'.repeat(16), first: 100, count, catalogue: 1, boot: 1 },
    ...{ chain: '0'.repeat(16), clockUncertain: false },
  };
  const boot = { event: 'boot', at: T0, boot: 1, software: '0' } as const;
  const alarm = {
    event: 'alarm',
    at: T0,
    device: 'd',
    rule: 'r',
    point: 'p',
    active: true,
    value: 'x'.repeat(90),
  } as const;
  return encodeFrame(header, events ? encodeEvents([boot, alarm]) : encodeReadings(columns));
}

function makeColumn(point: number, random: () => number): ReadingColumn {
  const length = 1 + Math.floor(random() * 40);
  const times = Float64Array.from({ length }, (_, at) => T0 + at * 1000 + Math.floor(random() * 5));
  const kind = Math.floor(random() * 3);
  const faults = random() < 0.3 ? { faults: Uint8Array.from({ length }, () => (random() < 0.2 ? 1 : 0)) } : {};
  if (kind === 0) {
    const numbers = Float64Array.from({ length }, () =>
      random() < 0.5 ? Math.round(random() * 500) / 10 : random() * 1e9,
    );
    return { point, times, values: { kind: 'number', numbers }, ...faults };
  }
  if (kind === 1) {
    const bits = Uint8Array.from({ length }, () => (random() < 0.5 ? 1 : 0));
    return { point, times, values: { kind: 'boolean', bits }, ...faults };
  }
  const texts = Array.from({ length }, () => ['run', 'stop', '정지'][Math.floor(random() * 3)] as string);
  return { point, times, values: { kind: 'text', texts }, ...faults };
}

/** Envelopes around frames: counts, lengths and floors that lie. */
export function fuzzEnvelopes(seed: number, inputs: number): Tally {
  const random = seeded(seed);
  return fuzz(inputs, (round) => {
    const frames = Array.from({ length: 1 + Math.floor(random() * 3) }, () => makeFrame(random));
    const envelope = mutated(encodeEnvelope({ session: 1, round: 0, floor: 0, frames }), seed + round);
    try {
      const opened = decodeEnvelope(envelope);
      if (opened.frames.some((frame) => frame.length > envelope.length)) throw new Error('a frame beyond its envelope');
      return true;
    } catch (error) {
      if (!isFault(error, 'frame-malformed')) throw error;
      return false;
    }
  });
}

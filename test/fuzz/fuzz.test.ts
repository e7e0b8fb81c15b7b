import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc32c } from '../../cloud-sync/protocol/crc32c.ts';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { encodeFrame, MAX_BODY_BYTES } from '../../cloud-sync/protocol/frame.ts';
import { fuzzBroker } from './fuzz-broker.ts';
import { fuzzEnvelopes, fuzzFrames } from './fuzz-frames.ts';
import { fuzzJournals } from './fuzz-journal.ts';
import { fuzzMessages } from './fuzz-messages.ts';

// The same each time, so that a red run means a change; `npm run faults` looks further.
const SEED = Number(process.env.SLUICE_SEED ?? 20261121);
const MIB = 1024 * 1024;

describe(`hostile bytes (seed ${SEED})`, () => {
  test('frames: refused, or within every bound; never a value of a damaged one', { timeout: 60_000 }, () => {
    const tally = fuzzFrames(SEED, 8000);
    expect(tally.taken, 'some get past the checksum').toBeGreaterThan(100);
    expect(tally.refused).toBeGreaterThan(2000);
    expect(tally.slowestMs).toBeLessThan(2000);
    expect(tally.grownBytes).toBeLessThan(150 * MIB);
  });

  test('envelopes', () => {
    const { refused, taken } = fuzzEnvelopes(SEED, 5000);
    expect([refused > 500, taken > 500]).toEqual([true, true]);
  });

  test('messages: what is no message of its schema is none', { timeout: 60_000 }, () => {
    const { refused, taken, grownBytes } = fuzzMessages(SEED, 10_000);
    expect([refused > 1000, taken > 100]).toEqual([true, true]);
    expect(grownBytes).toBeLessThan(150 * MIB);
  });

  test('MQTT packets: a gateway gone mad disturbs nobody', { timeout: 60_000 }, async () => {
    const { stored, journalled, packets, grownBytes } = await fuzzBroker(SEED, 200);
    expect(packets).toBeGreaterThan(300);
    expect(stored).toBe(journalled);
    expect(journalled).toBeGreaterThan(200);
    expect(grownBytes).toBeLessThan(150 * MIB);
  });

  test("a journal's files: every value that comes out is one that went in", { timeout: 120_000 }, async () => {
    const { read, declared, written, refused } = await fuzzJournals(SEED, 60);
    expect(refused, 'mended, whatever it was').toBe(0);
    expect(read).toBeGreaterThan(written / 4);
    expect(declared).toBeGreaterThan(0);
  });
});

test('a body that unpacks to a gigabyte costs at most what a frame may hold', () => {
  const header = { kind: 'events' as const, epoch: 'ab'.repeat(16), first: 0, count: 1, catalogue: 0, boot: 1 };
  const frame = encodeFrame({ ...header, chain: '0'.repeat(16), clockUncertain: false }, Buffer.from('[]'));
  const packed = deflateRawSync(Buffer.alloc(1024 * MIB), { level: 1 });
  // What is sent stays within the bound of a frame, or it would be refused for its length alone.
  const bomb = Buffer.concat([frame.subarray(0, 57), packed.subarray(0, MIB - 57)]);
  bomb[4] = 1;
  bomb.writeUInt32BE(bomb.length - 57, 49);
  bomb.writeUInt32BE(crc32c(bomb.subarray(57), crc32c(bomb.subarray(0, 53))), 53);
  const before = process.memoryUsage().rss;
  expect(() => decodeFrame(bomb)).toThrow(expect.objectContaining({ code: 'frame-malformed' }));
  expect(process.memoryUsage().rss - before).toBeLessThan(4 * MAX_BODY_BYTES);
});

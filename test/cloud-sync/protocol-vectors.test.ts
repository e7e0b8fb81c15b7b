import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { encodeReadings } from '../../cloud-sync/protocol/columns.ts';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { desiredSchema } from '../../cloud-sync/protocol/document.ts';
import { commandSchema, resultSchema } from '../../cloud-sync/protocol/downlink.ts';
import { decodeEnvelope, encodeEnvelope } from '../../cloud-sync/protocol/envelope.ts';
import { encodeEvents } from '../../cloud-sync/protocol/event-body.ts';
import { eventSchema } from '../../cloud-sync/protocol/events.ts';
import { chainAfter, encodeFrame, type FrameHeader } from '../../cloud-sync/protocol/frame.ts';
import {
  ackSchema,
  encodeMessage,
  fetchSchema,
  helloSchema,
  liveSchema,
  parseMessage,
  refuseSchema,
  statusSchema,
  welcomeSchema,
} from '../../cloud-sync/protocol/messages.ts';
import { isFault } from '../../core/faults.ts';
import envelopeVectors from '../protocol-vectors/envelope.json' with { type: 'json' };
import eventVectors from '../protocol-vectors/events.json' with { type: 'json' };
import messageVectors from '../protocol-vectors/messages.json' with { type: 'json' };
import readingVectors from '../protocol-vectors/readings.json' with { type: 'json' };
import { mutated } from '../support/mutate.ts';
import { columnsFrom, type VectorColumn } from '../support/vector-columns.ts';

const SCHEMAS: Record<string, z.ZodType> = {
  hello: helloSchema,
  welcome: welcomeSchema,
  ack: ackSchema,
  refuse: refuseSchema,
  live: liveSchema,
  status: statusSchema,
  fetch: fetchSchema,
  desired: desiredSchema,
  command: commandSchema,
  result: resultSchema,
};

const hex = (text: string) => Buffer.from(text, 'hex');

// These bytes lie on disks and wait to be sent. If one of these tests fails, the format has changed: give it a new number.
describe('the bytes of', () => {
  test.each(readingVectors.map((vector) => [vector.name, vector] as const))('readings: %s', (_, vector) => {
    const columns = columnsFrom(vector.columns as VectorColumn[]);
    const header = vector.header as FrameHeader;
    expect(Buffer.from(encodeReadings(columns)).toString('hex')).toBe(vector.body);
    expect(encodeFrame(header, hex(vector.body)).toString('hex')).toBe(vector.frame);
    expect(decodeFrame(hex(vector.frame))).toStrictEqual({ kind: 'readings', header, columns });
    expect(chainAfter(hex(vector.frame))).toBe(vector.chainAfter);
  });

  test.each(eventVectors.map((vector) => [vector.name, vector] as const))('events: %s', (_, vector) => {
    const header = vector.header as FrameHeader;
    const events = vector.events.map((event) => eventSchema.parse(event));
    expect(encodeEvents(events).toString('hex')).toBe(vector.body);
    // The compressor may change its mind between releases: what is pinned is that this frame can be read.
    expect(decodeFrame(hex(vector.frame))).toStrictEqual({ kind: 'events', header, events });
    expect(decodeFrame(encodeFrame(header, hex(vector.body)))).toStrictEqual({ kind: 'events', header, events });
  });

  test.each(envelopeVectors.map((vector) => [vector.name, vector] as const))('an envelope: %s', (_, vector) => {
    const envelope = {
      ...{ session: vector.session, round: vector.round, floor: Number(vector.floor) },
      frames: vector.frames.map(hex),
    };
    expect(encodeEnvelope(envelope).toString('hex')).toBe(vector.envelope);
    expect(decodeEnvelope(hex(vector.envelope))).toEqual(envelope);
  });

  test.each(messageVectors.map((vector) => [vector.name, vector] as const))('a message: %s', (_, vector) => {
    const schema = SCHEMAS[vector.schema] as z.ZodType;
    const parsed = parseMessage(schema, Buffer.from(vector.json));
    expect(parsed).toEqual(vector.message);
    expect(encodeMessage(parsed as object).toString()).toBe(vector.json);
  });
});

test('a damaged frame is never taken for another', () => {
  for (const vector of [...readingVectors, ...eventVectors]) {
    const whole = hex(vector.frame);
    for (let seed = 0; seed < 500; seed++) {
      const damaged = mutated(whole, seed);
      if (damaged.equals(whole)) continue;
      try {
        decodeFrame(damaged);
      } catch (error) {
        if (isFault(error, 'frame-malformed', 'frame-damaged')) continue;
        throw error;
      }
      throw new Error(`seed ${seed}: taken`);
    }
  }
});

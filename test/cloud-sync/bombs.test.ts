import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CatalogueParts, type DocumentPart, textParts } from '../../cloud-sync/protocol/document.ts';
import { resultSchema } from '../../cloud-sync/protocol/downlink.ts';
import { decodeEvents } from '../../cloud-sync/protocol/event-body.ts';
import { liveSchema, parseMessage } from '../../cloud-sync/protocol/messages.ts';
import { parseBoundedJson } from '../../core/bounded-json.ts';

/** What a small message may cost of the processor of everybody's hub. */
const MOST_MS = 3000;

function timed<T>(work: () => T): { readonly answer: T; readonly ms: number } {
  const began = process.cpuUsage();
  const answer = work();
  const { user, system } = process.cpuUsage(began);
  return { answer, ms: (user + system) / 1000 };
}

/** Deflated by hand: the text of 64 MB is never made by an honest gateway. */
function bombPart(text: string): DocumentPart {
  const bytes = Buffer.from(text);
  const hash = createHash('sha256').update(bytes).digest('hex');
  return {
    ...{ name: 'catalogue', version: 1, hash, part: 0, parts: 1 },
    body: deflateRawSync(bytes).toString('base64'),
  };
}

describe('a catalogue that unpacks to millions of parts is no catalogue, and costs no time', () => {
  test.each([
    ['lists within lists', '['.repeat(16e6)],
    ['empty objects', `[${'{},'.repeat(8e6)}{}]`],
  ])('%s', (_, text) => {
    const bomb = bombPart(text);
    expect(bomb.body.length).toBeLessThan(100_000);
    const { answer, ms } = timed(() => new CatalogueParts().add(bomb));
    expect(answer).toBeUndefined();
    expect(ms).toBeLessThan(MOST_MS);
  });
});

test('neither does a frame of events', () => {
  const body = Buffer.from(`{"event":"boot","at":1,"boot":1,"software":"x","alarms":[${'{},'.repeat(5e6)}{}]}`);
  const { ms } = timed(() => expect(() => decodeEvents(body, 1)).toThrow(/more than 2000000 parts/));
  expect(ms).toBeLessThan(MOST_MS);
});

test('a message nested deeper than any of ours is none', () => {
  const result = (depth: number) =>
    Buffer.from(`{"id":"12345678","state":"done","body":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  expect(parseMessage(resultSchema, result(20))).toMatchObject({ state: 'done' });
  expect(parseMessage(resultSchema, result(100_000))).toBeUndefined();
});

test.each(['constructor', 'toString', '__proto__'])('%s is no fault code', (code) => {
  const live = { catalogue: 1, values: [[1, 1, null, code]] };
  expect(parseMessage(liveSchema, Buffer.from(JSON.stringify(live)))).toBeUndefined();
  expect(resultSchema.safeParse({ id: '12345678', state: 'failed', code }).success).toBe(false);
});

describe('bounds', () => {
  const bounds = { parts: 4, depth: 2 };
  const parse = (text: string) => parseBoundedJson(Buffer.from(text), bounds);

  test.each(['[[1],2]', '{"a":{"b":"]]]["}}', '["\\"[[[["]', '"\\\\"'])('%s is read', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ['[[[1]]]', /deeper than 2/],
    ['[1,2,3,4,5]', /more than 4/],
  ])('%s is too much', (text, why) => {
    expect(() => parse(text)).toThrow(why);
  });

  test('what is no JSON is said so', () => {
    expect(() => parse('{')).toThrow(SyntaxError);
  });
});

test('a catalogue of 5,000 points is taken', () => {
  const catalogue = {
    version: 1,
    points: Array.from({ length: 5000 }, (_, number) => ({
      ...{ number, device: 'd', point: `p${number}`, title: { en: `Point ${number}, [raw]` } },
      ...{ kind: 'number', type: 'float32', writable: false },
    })),
    devices: [],
    rules: [],
    ...{ site: 'x', timezone: 'UTC' },
  };
  const parts = new CatalogueParts();
  let whole: ReturnType<CatalogueParts['add']>;
  for (const part of textParts(JSON.stringify(catalogue), 1)) whole = parts.add({ name: 'catalogue', ...part });
  expect(whole).toMatchObject({ version: 1 });
});

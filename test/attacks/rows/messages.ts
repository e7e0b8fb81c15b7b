import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { createRequest } from '../../../cloud-sync/edge-hub/certificate-request.ts';
import { encodeEnvelope } from '../../../cloud-sync/protocol/envelope.ts';
import { encodeFrame } from '../../../cloud-sync/protocol/frame.ts';
import { encodeMessage } from '../../../cloud-sync/protocol/messages.ts';
import { NO_CHAIN } from '../../../cloud-sync/protocol/numbers.ts';
import { pause } from '../../e2e/site.ts';
import { HeldUp } from '../../support/held-up.ts';
import { MemoryOutbox } from '../../support/memory-outbox.ts';
import { type Attempt, bounded, harmless, type Row, refused, succeeded } from '../attempt.ts';
import { Hostile } from '../mqtt.ts';
import { HEALTHY, OTHER, type World } from '../world.ts';

const MB = 1024 * 1024;
const MOST_GROWN_MB = 700;
/** The hub serves others meanwhile: so long may one message hold it up. */
const MOST_STALL_MS = 3000;

function hello(outbox: MemoryOutbox, more: object = {}): object {
  const facts = {
    nonce: randomBytes(8).toString('hex'),
    protocol: 1,
    frameFormats: [1],
    software: 'x',
    boot: 1,
    gaps: [],
  };
  const message = { ...facts, epochs: outbox.epochs(), clock: { now: Date.now(), synchronised: true }, catalogue: 1 };
  return { ...JSON.parse(encodeMessage(message).toString('utf8')), ...more };
}

/** How long the hub answers nobody while this is going on. */
async function stallOf(world: World, work: () => Promise<unknown>): Promise<number> {
  const heldUp = new HeldUp();
  let longest = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const began = Date.now();
      await world.ask('/healthz');
      const answered = Date.now();
      longest = Math.max(longest, answered - began - heldUp.within(began, answered));
    }
  })();
  await work();
  isOver = true;
  await watching;
  heldUp.stop();
  return longest;
}

async function welcomed(world: World, outbox: MemoryOutbox): Promise<{ hostile: Hostile; session: number }> {
  const hostile = await Hostile.connect(world, OTHER, world.hostile);
  await hostile.say('hello', hello(outbox));
  const welcome = await hostile.answer('welcome');
  if (!welcome) throw new Error('no welcome');
  return { hostile, session: Number(welcome.session) };
}

export const nonsense: Row = {
  name: 'messages',
  async run(world) {
    const hostile = await Hostile.connect(world, OTHER, world.hostile);
    const kinds = ['hello', 'frame', 'live', 'status', 'result', 'document', 'renew'] as const;
    const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
    const payloads: readonly (string | Buffer)[] = [
      ...['', '{', 'null', '[]', '"x"', '{"__proto__":{"state":"online"}}', '{"constructor":{"prototype":{}}}'],
      ...[randomBytes(1000), Buffer.alloc(MB, 0x7b), deep, `{"id":"12345678","state":"done","body":${deep}}`],
    ];
    const stall = await stallOf(world, async () => {
      for (const kind of kinds) for (const payload of payloads) await hostile.say(kind, payload);
    });
    const isThere = hostile.client.connected;
    hostile.end();
    const count = kinds.length * payloads.length;
    return [
      harmless(`${count} messages of nonsense of every kind`, isThere, 'dropped one by one, the session goes on'),
      bounded('the longest that the hub answered nobody', stall, MOST_STALL_MS, 'ms'),
    ];
  },
};

export const hellos: Row = {
  name: 'messages',
  isLong: true,
  async run(world) {
    const outbox = new MemoryOutbox();
    const hostile = await Hostile.connect(world, OTHER, world.hostile);
    const [state] = (hello(outbox) as { epochs: object[] }).epochs;
    const bad: readonly [string, object][] = [
      ['a hello of another protocol', { protocol: 2 }],
      ['a hello of 101 journals', { epochs: Array.from({ length: 101 }, () => state) }],
      ['a hello with numbers beyond their range', { boot: 2 ** 60 }],
      ['a hello with a name of 1 kB', { software: 'x'.repeat(1000) }],
      ['a hello without journals', { epochs: [] }],
      ['a hello whose boot is an object', { boot: {} }],
      [
        'a hello with a gap of no reason',
        { gaps: [{ epoch: outbox.epoch, from: '0', to: '1', reason: 'constructor' }] },
      ],
    ];
    const found: Attempt[] = [];
    for (const [what, more] of bad) {
      const heard = hostile.heard.length;
      await hostile.say('hello', hello(outbox, more));
      const welcome = await hostile.answer('welcome', heard, 1100);
      const refusal = await hostile.answer('refuse', heard, 10);
      found.push(welcome ? succeeded(what, 'welcomed') : refused(what, String(refusal?.code ?? 'not answered')));
    }
    hostile.end();
    return [...found, await othersJournal(world)];
  },
};

/** Whoever names the journal of another gateway gets a cursor of its own: nothing of theirs moves. */
async function othersJournal(world: World): Promise<Attempt> {
  const what = "a hello with another gateway's journal";
  const shown = () => world.json<{ epoch: string; cursor: string }>('admin', `/api/v1/gateways/${HEALTHY}`);
  const before = await shown();
  const outbox = new MemoryOutbox();
  outbox.epoch = before.epoch;
  const hostile = await Hostile.connect(world, OTHER, world.hostile);
  await hostile.say('hello', hello(outbox));
  const welcome = await hostile.answer('welcome');
  hostile.end();
  const told = (welcome?.epochs as { cursor: string }[] | undefined)?.[0]?.cursor;
  const after = await shown();
  const holds = after.epoch === before.epoch && Number(after.cursor) >= Number(before.cursor) && told === '0';
  return harmless(what, holds, `its own cursor is ${told}, the other one stays where it was`);
}

export const frames: Row = {
  name: 'messages',
  isLong: true,
  async run(world) {
    const found: Attempt[] = [];
    const [outbox, unnamed] = [new MemoryOutbox().writeCatalogue(), new MemoryOutbox().writeCatalogue()];
    const frame = await firstFrame(outbox);
    const flipped = Buffer.from(frame);
    flipped[frame.length - 1] = (flipped[frame.length - 1] ?? 0) ^ 1;
    const { hostile, session } = await welcomed(world, outbox);
    const envelope = (bytes: Buffer, round: number, given = session) =>
      encodeEnvelope({ session: given, round, floor: 0, frames: [bytes] });
    const cases: readonly [string, Buffer][] = [
      ['a frame of another session', envelope(frame, 1, session + 1)],
      ['a frame of a journal that was not named', envelope(await firstFrame(unnamed), 2)],
      ['a frame with a flipped bit', envelope(flipped, 3)],
      ['an envelope that is cut off', envelope(frame, 4).subarray(0, 40)],
      ['an envelope of random bytes', randomBytes(2000)],
    ];
    for (const [what, bytes] of cases) {
      const heard = hostile.heard.length;
      await pause(1100);
      await hostile.say('frame', bytes);
      const refusal = await hostile.answer('refuse', heard, 1500);
      const ack = await hostile.answer('ack', heard, 10);
      found.push(ack ? succeeded(what, 'acknowledged') : refused(what, String(refusal?.code ?? 'dropped')));
    }
    hostile.end();
    return found;
  },
};

async function firstFrame(outbox: MemoryOutbox): Promise<Buffer> {
  for await (const { bytes } of outbox.frames(outbox.epoch, 0)) return Buffer.from(bytes);
  throw new Error('an empty journal');
}

const BRACKETS = (parts: number) => '['.repeat(parts);
const OBJECTS = (parts: number) => `[${'{},'.repeat(parts)}{}]`;

/** Kilobytes on the wire that would be millions of parts in memory. */
export const bombs: Row = {
  name: 'messages',
  isLong: true,
  async run(world) {
    const found: Attempt[] = [];
    for (const [what, text] of [
      ['a catalogue of 60 million brackets', BRACKETS(60 * MB)],
      ['a catalogue of 20 million objects', OBJECTS(20 * MB)],
      ['a catalogue of 100 MB of nothing', ' '.repeat(100 * MB)],
    ] as const) {
      const outbox = new MemoryOutbox();
      outbox.writeReadings();
      const { hostile, session } = await welcomed(world, outbox);
      await hostile.say('frame', encodeEnvelope({ session, round: 0, floor: 0, frames: [await firstFrame(outbox)] }));
      if (!(await hostile.answer('fetch'))) throw new Error('the hub does not ask for a catalogue');
      const hash = createHash('sha256').update(text).digest('hex');
      const body = deflateRawSync(Buffer.from(text)).toString('base64');
      found.push(
        ...(await costOf(world, what, () => hostile.say('document', { name: 'catalogue', version: 1, hash, body }))),
      );
      hostile.end();
    }
    const outbox = new MemoryOutbox().writeCatalogue();
    const { hostile, session } = await welcomed(world, outbox);
    const head = { kind: 'events', epoch: outbox.epoch, first: 0, count: 1, catalogue: 0, boot: 1 } as const;
    const bytes = encodeFrame({ ...head, chain: NO_CHAIN, clockUncertain: false }, Buffer.from(OBJECTS(5 * MB)));
    const envelope = encodeEnvelope({ session, round: 0, floor: 0, frames: [bytes] });
    found.push(...(await costOf(world, 'a frame of 5 million objects', () => hostile.say('frame', envelope))));
    hostile.end();
    return found;
  },
};

async function costOf(world: World, what: string, work: () => Promise<void>): Promise<Attempt[]> {
  const before = await world.rss();
  const stall = await stallOf(world, work);
  return [
    bounded(`${what}: the longest the hub answered nobody`, stall, MOST_STALL_MS, 'ms'),
    bounded(`${what}: memory`, (await world.rss()) - before, MOST_GROWN_MB, 'MB'),
  ];
}

export const renewals: Row = {
  name: 'messages',
  isLong: true,
  async run(world) {
    const hostile = await Hostile.connect(world, OTHER, world.hostile);
    const { csr } = await createRequest(HEALTHY);
    const ask = async (text: string, id = randomBytes(6).toString('hex')) => {
      const heard = hostile.heard.length;
      await hostile.say('renew', { id, csr: text });
      return hostile.answer('certificate', heard, 1500);
    };
    const named = await ask(csr);
    const subject = new X509Certificate(String(named?.certificate)).subject;
    const broken = await ask(`${csr.slice(0, 80)}x${csr.slice(81)}`);
    const huge = await ask('x'.repeat(20_000));
    const many = [];
    for (let at = 0; at < 8; at++) many.push(await ask(csr));
    const given = many.filter((answer) => answer?.certificate !== undefined).length;
    hostile.end();
    return [
      harmless("a renewal in another gateway's name", subject === `CN=${OTHER}`, `the certificate is for ${subject}`),
      broken?.certificate === undefined
        ? refused('a request with a wrong signature', String(broken?.code))
        : succeeded('a request with a wrong signature', 'a certificate'),
      huge === undefined
        ? refused('a request of 20 kB', 'breaks its schema, not answered')
        : succeeded('a request of 20 kB', 'answered'),
      bounded('certificates for 10 renewals in a row', given + 1, 6, 'certificates'),
    ];
  },
};

export const results: Row = {
  name: 'messages',
  async run(world) {
    const hostile = await Hostile.connect(world, OTHER, world.hostile);
    const asked = await world.post('admin', `/api/v1/gateways/${HEALTHY}/scan`, {});
    await hostile.say('result', { id: 'config-1', state: 'done', body: { managed: 'hub' } });
    await hostile.say('result', { id: JSON.parse(asked.text).id ?? 'unknown-id', state: 'done', body: ['forged'] });
    const text = (await world.as('admin', `/api/v1/gateways/${HEALTHY}/config`)).text;
    hostile.end();
    const what = "answers to another gateway's orders and configurations";
    return [harmless(what, !text.includes('forged'), 'only the gateway that was asked is heard')];
  },
};

import { describe, expect, test } from 'vitest';
import { Committer } from '../../cloud-sync/cloud-hub/committer.ts';
import { HubSession } from '../../cloud-sync/cloud-hub/hub-session.ts';
import { answerHello } from '../../cloud-sync/cloud-hub/welcome.ts';
import { encodeEnvelope } from '../../cloud-sync/protocol/envelope.ts';
import type { Hello } from '../../cloud-sync/protocol/messages.ts';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { MemoryArchive } from '../support/memory-archive.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { mutated, seeded } from '../support/mutate.ts';

async function framesOf(outbox: MemoryOutbox): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for await (const { bytes } of outbox.frames(outbox.epoch, 0)) frames.push(bytes);
  return frames;
}

function sessionFor(outbox: MemoryOutbox): HubSession {
  const hello = {
    ...{ nonce: 'nonce-1', protocol: 1, frameFormats: [1], software: 't', boot: 1, gaps: [], catalogue: 1 },
    ...{ epochs: outbox.epochs(), clock: { now: 0, synchronised: true } },
  } as unknown as Hello;
  const facts = { session: 7, hub: 'h', generation: 'g', now: 0, sessions: 1, cursors: [], poison: new Set<string>() };
  const { welcome, tracks } = answerHello(hello, facts);
  return new HubSession({ gateway: 'gw', id: 7, hello, welcome, tracks });
}

function filled(frames = 4): MemoryOutbox {
  const outbox = new MemoryOutbox(3).writeCatalogue();
  for (let at = 0; at < frames; at++) outbox.writeReadings(3);
  return outbox;
}

const pack = (frames: readonly Uint8Array[], round = 0, floor = 0, session = 7) =>
  encodeEnvelope({ session, round, floor, frames });

describe('the hub session', () => {
  test('takes frames from the cursor on, and says seen to what it has', async () => {
    const outbox = filled();
    const session = sessionFor(outbox);
    const frames = await framesOf(outbox);
    expect(session.receive(pack(frames.slice(0, 3))).staged?.cursor).toMatchObject({ next: 7, catalogue: 1 });
    const again = session.receive(pack(frames));
    expect(again).toMatchObject({ staged: { cursor: { next: 13 } }, again: outbox.epoch });
    expect(again.staged?.frames).toHaveLength(2);
  });

  test('refuses a frame of another history at the very place it expects one', async () => {
    const outbox = filled();
    const session = sessionFor(outbox);
    const frames = await framesOf(outbox);
    session.receive(pack(frames.slice(0, 2)));
    const other = filled();
    other.epoch = outbox.epoch;
    const twin = new MemoryOutbox(3);
    twin.epoch = outbox.epoch;
    twin.writeReadings(1);
    twin.writeReadings(3);
    twin.writeReadings(3);
    const foreign = (await framesOf(twin))[2] as Uint8Array;
    expect(session.receive(pack([foreign])).refuse).toMatchObject({ code: 'chain-mismatch', next: 4, round: 0 });
  });

  test('refuses once in a round, and hears nothing of older ones', async () => {
    const outbox = filled();
    const session = sessionFor(outbox);
    const frames = await framesOf(outbox);
    expect(session.receive(pack(frames.slice(2))).refuse).toMatchObject({ code: 'out-of-sequence', next: 0, round: 0 });
    expect(session.receive(pack(frames.slice(3)))).toEqual({});
    expect(session.receive(pack(frames.slice(0, 1)))).toEqual({});
    expect(session.receive(pack(frames.slice(0, 1), 1)).staged?.cursor.next).toBe(1);
    expect(session.receive(pack(frames.slice(1, 2), 2)).staged?.cursor.next).toBe(4);
    expect(session.receive(pack(frames.slice(2, 3), 1))).toEqual({});
    expect(session.receive(pack(frames.slice(3), 2)).refuse).toMatchObject({
      code: 'out-of-sequence',
      next: 4,
      round: 2,
    });
  });

  test('asks for the catalogue a frame needs, and takes it beside the journal', async () => {
    const outbox = filled();
    outbox.trim(1);
    const session = sessionFor(outbox);
    const frames = await framesOf(outbox);
    expect(session.receive(pack(frames, 0, 1)).refuse).toMatchObject({ code: 'catalogue-missing', next: 0 });
    session.adopt(outbox.catalogue());
    const { staged } = session.receive(pack(frames, 1, 1));
    expect(staged).toMatchObject({ cursor: { next: 13, catalogue: 1 }, catalogue: { version: 1 } });
    expect(staged?.gaps).toEqual([{ epoch: outbox.epoch, from: 0, to: 1, reason: 'before-this-hub' }]);
  });

  test('passes over a frame whose point number no catalogue has, once the one it asked for lacks it too', async () => {
    const outbox = new MemoryOutbox(3).writeCatalogue();
    outbox.writeReadings(3);
    outbox.writeReadings(4);
    outbox.writeReadings(3);
    const session = sessionFor(outbox);
    const frames = await framesOf(outbox);
    const first = session.receive(pack(frames));
    expect(first).toMatchObject({ staged: { cursor: { next: 4 } }, refuse: { code: 'catalogue-missing', next: 4 } });
    // Not a second chance yet: the catalogue has not come.
    expect(session.receive(pack(frames.slice(2), 1)).refuse).toMatchObject({ code: 'catalogue-missing', next: 4 });
    session.adopt(outbox.catalogue());
    const { staged, refuse } = session.receive(pack(frames.slice(2), 2));
    expect(refuse).toBeUndefined();
    expect(staged?.cursor.next).toBe(11);
    expect(staged?.gaps).toEqual([{ epoch: outbox.epoch, from: 4, to: 8, reason: 'quarantined' }]);
    expect(staged?.quarantined).toEqual([frames[2]]);
  });

  test('knows no other session, and no epoch that was not named', async () => {
    const outbox = filled();
    const session = sessionFor(outbox);
    expect(session.receive(pack(await framesOf(outbox), 0, 0, 8)).refuse?.code).toBe('no-session');
    expect(session.receive(pack(await framesOf(filled()))).refuse?.code).toBe('no-session');
  });

  test('never throws and never takes a damaged frame, whatever comes', async () => {
    const outbox = filled(6);
    const frames = await framesOf(outbox);
    const whole = pack(frames);
    for (let seed = 0; seed < 3000; seed++) {
      const session = sessionFor(outbox);
      const { staged } = session.receive(mutated(whole, seed));
      for (const frame of staged?.frames ?? []) {
        if (frame.kind !== 'readings') continue;
        let seq = frame.header.first;
        for (const { values } of frame.columns) {
          if (values.kind !== 'number') throw new Error('kind');
          for (const value of values.numbers) expect(value).toBe(seq++);
        }
      }
    }
  });

  test('takes noise for what it is', () => {
    const random = seeded(1);
    const session = sessionFor(filled());
    for (let run = 0; run < 500; run++) {
      const noise = Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
      expect(session.receive(noise).staged).toBeUndefined();
    }
  });
});

describe('the committer', () => {
  test('stores nothing more of a session that has ended', async () => {
    const outbox = filled();
    const [first, second] = await framesOf(outbox);
    const archive = new MemoryArchive();
    let release: (() => void) | undefined;
    archive.before = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const stored: number[] = [];
    const committer = new Committer({
      ...{ archive, clock: systemClock, log: quietLog },
      onStored: (_, { cursor }) => stored.push(cursor.next),
      onFailed: () => {},
    });
    const session = sessionFor(outbox);
    const one = session.receive(pack([first as Uint8Array])).staged;
    const two = session.receive(pack([second as Uint8Array])).staged;
    if (!one || !two) throw new Error('not staged');
    void committer.push(session, one);
    await expect.poll(() => release).toBeDefined();
    void committer.push(session, two);
    session.ended = true;
    release?.();
    await committer.idle();
    expect(stored).toEqual([1]);
    expect(archive.next('gw', outbox.epoch)).toBe(1);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LiveAlarm } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch } from '../../cloud-sync/protocol/numbers.ts';
import { CutProxy } from '../support/cut-proxy.ts';
import { MemoryOutbox } from '../support/memory-outbox.ts';
import { enrol, HubHome, type RunningEdge, type RunningHub, startEdge, until } from '../support/sync-pair.ts';

let home: HubHome;
let running: RunningHub;
let proxy: CutProxy;
const edges: RunningEdge[] = [];

beforeEach(async () => {
  home = await HubHome.create();
  running = await home.start();
  proxy = await CutProxy.start({ host: '127.0.0.1', port: running.hub.port });
});

afterEach(async () => {
  await Promise.all(edges.splice(0).map((edge) => edge.stop()));
  await proxy.stop();
  await running.stop();
  await home.remove();
});

async function edgeFor(
  outbox: MemoryOutbox,
  gateway = 'plant-1',
  options: Partial<Parameters<typeof startEdge>[0]> = {},
) {
  const identity = options.identity ?? (await enrol(running.hub, gateway));
  const edge = startEdge({ gateway, port: proxy.port, identity, outbox, ...options });
  edges.push(edge);
  return edge;
}

/** Stored and declared together are every number once, in order, with the value that names it. */
function expectExactlyOnce(outbox: MemoryOutbox, gateway = 'plant-1', epoch: Epoch = outbox.epoch): void {
  const rows = home.archive.rows(gateway, epoch);
  const gaps = (home.archive.gaps.get(`${gateway}/${epoch}`) ?? []).flatMap(({ from, to }) =>
    Array.from({ length: to - from }, (_, at) => from + at),
  );
  for (const { seq, value } of rows) if (value !== undefined) expect(value).toBe(seq);
  expect(rows.map(({ seq }) => seq)).toEqual([...rows.map(({ seq }) => seq)].sort((one, other) => one - other));
  expect([...rows.map(({ seq }) => seq), ...gaps].sort((one, other) => one - other)).toEqual(
    Array.from({ length: outbox.next }, (_, seq) => seq),
  );
}

const confirmed = (outbox: MemoryOutbox) =>
  until('everything confirmed', () => outbox.confirmed.get(outbox.epoch) === outbox.next);

describe('the sync, over real TLS', () => {
  test('brings what was journalled before, and what comes', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 200; frame++) outbox.writeReadings();
    const edge = await edgeFor(outbox);
    await confirmed(outbox);
    expect(edge.state()).toMatchObject({ link: 'welcomed', unackedBytes: 0 });
    for (let frame = 0; frame < 20; frame++) outbox.writeReadings();
    await confirmed(outbox);
    expectExactlyOnce(outbox);
    expect(running.hub.gateways()).toMatchObject([{ gateway: 'plant-1', state: 'online', backlog: 0 }]);
    await edge.stop();
    await until('offline', () => running.hub.gateways()[0]?.state === 'offline');
    await until('the will', () => home.statuses.at(-1)?.status.state === 'offline');
  });

  test('stores each record once while the link is cut again and again', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    await edgeFor(outbox, 'plant-1', { window: 16 * 1024 });
    for (let round = 0; round < 6; round++) {
      await until('a session', () => home.sessions.filter(({ state }) => state === 'online').length > round);
      for (let frame = 0; frame < 300; frame++) outbox.writeReadings();
      await new Promise((resolve) => setTimeout(resolve, round));
      proxy.kill();
    }
    await confirmed(outbox);
    expectExactlyOnce(outbox);
  });

  test('goes on where it was after the hub was restarted', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    await edgeFor(outbox);
    for (let round = 0; round < 3; round++) {
      for (let frame = 0; frame < 200; frame++) outbox.writeReadings();
      await until('some stored', () => home.archive.next('plant-1', outbox.epoch) > round * 2000);
      await running.stop();
      running = await home.start();
      proxy.retarget(running.hub.port);
    }
    await confirmed(outbox);
    expectExactlyOnce(outbox);
  });

  test('stores once what was stored although the archive reported an error', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    let failures = 0;
    home.archive.after = () => {
      if (failures++ < 1) throw new Error('unknown');
    };
    for (let frame = 0; frame < 50; frame++) outbox.writeReadings();
    await edgeFor(outbox);
    await confirmed(outbox);
    expectExactlyOnce(outbox);
  });

  test('does not acknowledge what is not stored, and other gateways go on', async () => {
    const bad = new MemoryOutbox().writeCatalogue();
    const fine = new MemoryOutbox().writeCatalogue();
    home.archive.before = (batches) => {
      if (batches.some(({ gateway }) => gateway === 'bad')) throw new Error('disk');
    };
    await edgeFor(bad, 'bad');
    await edgeFor(fine, 'fine');
    for (let frame = 0; frame < 50; frame++) {
      bad.writeReadings();
      fine.writeReadings();
    }
    await confirmed(fine);
    expectExactlyOnce(fine, 'fine');
    expect(bad.confirmations.filter((next) => next > 0)).toEqual([]);
    home.archive.before = () => {};
    await confirmed(bad);
    expectExactlyOnce(bad, 'bad');
  });

  test('declares what retention took before the hub knew the journal', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 20; frame++) outbox.writeReadings();
    outbox.trim(101);
    await edgeFor(outbox);
    await confirmed(outbox);
    expectExactlyOnce(outbox);
    expect(home.archive.gaps.get(`plant-1/${outbox.epoch}`)).toEqual([
      { epoch: outbox.epoch, from: 0, to: 101, reason: 'before-this-hub' },
    ]);
    // The catalogue was in what is gone: the hub asked for it.
    expect(home.archive.catalogues).toEqual([1]);
  });

  test('declares what the journal lost in its middle, also when it finds out only now', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
    outbox.lose(55, true);
    await edgeFor(outbox);
    await confirmed(outbox);
    // Nothing of this leaves before it is lost: it all happens in one turn.
    for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
    outbox.lose(155, true);
    await confirmed(outbox);
    expectExactlyOnce(outbox);
    expect(home.archive.gaps.get(`plant-1/${outbox.epoch}`)).toHaveLength(2);
  });

  test('stores what comes although it was declared lost, and declares only what does not come', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
    outbox.lose(55, false);
    outbox.declared.push({ epoch: outbox.epoch, from: 51, to: 81, reason: 'journal-damaged' });
    await edgeFor(outbox);
    await confirmed(outbox);
    expectExactlyOnce(outbox);
    expect(home.archive.gaps.get(`plant-1/${outbox.epoch}`)).toMatchObject([{ from: 51, to: 61 }]);
  });

  test('passes a frame that nobody can decode, with its bytes kept', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    outbox.writeReadings();
    outbox.writePoison();
    outbox.writeReadings();
    await edgeFor(outbox);
    await confirmed(outbox);
    expectExactlyOnce(outbox);
    expect(home.archive.quarantined).toHaveLength(1);
    expect(home.archive.gaps.get(`plant-1/${outbox.epoch}`)).toMatchObject([
      { from: 11, to: 14, reason: 'quarantined' },
    ]);
  });

  test('leaves a connection that went silent', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    const edge = await edgeFor(outbox);
    await confirmed(outbox);
    proxy.freeze();
    outbox.writeReadings();
    await until('noticed', () => edge.state().fault === 'hub-unreachable');
    proxy.thaw();
    await confirmed(outbox);
    expectExactlyOnce(outbox);
  });

  test('opens its window on a long link', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 4000; frame++) outbox.writeReadings();
    proxy.delay(40);
    const edge = await edgeFor(outbox);
    let most = 0;
    await until('confirmed', () => {
      most = Math.max(most, edge.state().unackedBytes);
      return outbox.confirmed.get(outbox.epoch) === outbox.next;
    });
    expect(most).toBeGreaterThan(64 * 1024);
    expectExactlyOnce(outbox);
  });

  test('groups the frames of many gateways into few transactions', async () => {
    const outboxes = Array.from({ length: 20 }, () => new MemoryOutbox().writeCatalogue());
    await Promise.all(outboxes.map((outbox, at) => edgeFor(outbox, `plant-${at}`)));
    await Promise.all(outboxes.map(confirmed));
    home.archive.before = () => new Promise((resolve) => setTimeout(resolve, 20));
    const before = home.archive.transactions;
    for (const outbox of outboxes) for (let frame = 0; frame < 30; frame++) outbox.writeReadings();
    await Promise.all(outboxes.map(confirmed));
    for (const [at, outbox] of outboxes.entries()) expectExactlyOnce(outbox, `plant-${at}`);
    expect(home.archive.transactions - before).toBeLessThan(60);
  });

  test('shows newest values at once and while a backlog drains', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 4000; frame++) outbox.writeReadings();
    home.archive.before = () => new Promise((resolve) => setTimeout(resolve, 150));
    let at = 1000;
    await edgeFor(outbox, 'plant-1', { window: 16 * 1024, newest: () => [[0, at++, 21.5]] });
    await until('two live messages', () => home.live.length >= 2);
    expect(home.live[0]?.live).toEqual({ catalogue: 1, values: [[0, 1000, 21.5]] });
    expect(outbox.confirmed.get(outbox.epoch)).toBeLessThan(outbox.next);
    home.archive.before = () => {};
    await confirmed(outbox);
    expectExactlyOnce(outbox);
  });
});

test('retention that trims what is being drained: it drains to its end, and what went is declared with its reason', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 3000; frame++) outbox.writeReadings();
  home.archive.before = () => new Promise((resolve) => setTimeout(resolve, 10));
  await edgeFor(outbox, 'plant-1', { window: 16 * 1024 });
  for (let round = 0; round < 8; round++) {
    const floor = outbox.epochs()[0]?.floor ?? 0;
    await until('some got through', () => home.archive.next('plant-1', outbox.epoch) > floor);
    // Far ahead of what is being sent.
    outbox.trim(home.archive.next('plant-1', outbox.epoch) + 2000, true);
    outbox.writeReadings();
  }
  home.archive.before = () => {};
  await confirmed(outbox);
  expectExactlyOnce(outbox);
  const gaps = home.archive.gaps.get(`plant-1/${outbox.epoch}`) ?? [];
  expect(gaps.length).toBeGreaterThan(0);
  expect(new Set(gaps.map(({ reason }) => reason))).toEqual(new Set(['retention']));
  // The hub has it: the ledger is empty.
  expect(outbox.declared).toEqual([]);
});

test('a bound on bytes holds back the backlog, never the live lane', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 600; frame++) outbox.writeReadings();
  let bytes = 0;
  for await (const frame of outbox.frames(outbox.epoch, 0)) bytes += frame.bytes.length;
  const began = Date.now();
  let at = 1000;
  await edgeFor(outbox, 'plant-1', { maxBytesPerSecond: bytes / 8, newest: () => [[0, at++, 21.5]] });
  await confirmed(outbox);
  // Eight seconds' worth, of which one goes at once; the gateway's clock passes ten times faster.
  expect(Date.now() - began).toBeGreaterThan(600);
  expect(home.live.length).toBeGreaterThanOrEqual(3);
  expectExactlyOnce(outbox);
});

test('an alarm raised while a backlog drains comes past it, once', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  for (let frame = 0; frame < 4000; frame++) outbox.writeReadings();
  home.archive.before = () => new Promise((resolve) => setTimeout(resolve, 150));
  const alarms: LiveAlarm[] = [];
  let at = 1000;
  await edgeFor(outbox, 'plant-1', { window: 16 * 1024, alarms: () => alarms, newest: () => [[0, at++, 21.5]] });
  await until('live', () => home.live.length >= 1);
  const occurrence = { epoch: outbox.epoch, seq: outbox.next };
  alarms.push({ occurrence, device: 'meter', rule: 'hot', point: 'p0', at: 1, active: true, value: 90 });
  const count = home.live.length;
  await until('further live messages', () => home.live.length >= count + 4);
  expect(home.live.flatMap(({ live }) => live.alarms ?? [])).toEqual(alarms);
  expect(outbox.confirmed.get(outbox.epoch)).toBeLessThan(outbox.next);
});

test('a line that fails is told within two seconds of the gateway', async () => {
  let line = 'open';
  const status = () => ({ state: 'online', version: line }) as const;
  await edgeFor(new MemoryOutbox().writeCatalogue(), 'plant-1', { status, mark: () => line });
  // The gateway's clock passes ten times faster: the welcome's status and the one two ticks later have been told by then.
  await new Promise((resolve) => setTimeout(resolve, 400));
  line = 'no-answer';
  await until('the status', () => home.statuses.at(-1)?.status.version === 'no-answer', 400);
});

describe('two gateways with one identity', () => {
  test('the copy is refused while the first is alive, and nothing of it is stored', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
    const identity = await enrol(running.hub, 'plant-1');
    const first = await edgeFor(outbox, 'plant-1', { identity });
    await confirmed(outbox);
    const copy = outbox.clone();
    outbox.writeReadings();
    await confirmed(outbox);
    copy.writeReadings(5);
    const second = await edgeFor(copy, 'plant-1', { identity, boot: 2 });
    await until('refused', () => second.state().fault === 'identity-held');
    await until('the first is back', () => first.state().link === 'welcomed');
    outbox.writeReadings();
    await confirmed(outbox);
    expectExactlyOnce(outbox);
    expect(copy.confirmations).toEqual([]);
  });

  /** 101 records stored, an image of the card, 20 more: then the image runs on the same name. */
  async function restored(options: { hardware?: [string, string] } = {}) {
    const [one, two] = options.hardware ?? [undefined, undefined];
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
    const image = outbox.clone();
    const identity = await enrol(running.hub, 'plant-1');
    const first = await edgeFor(outbox, 'plant-1', { identity, ...(one ? { hardware: one } : {}) });
    outbox.writeReadings();
    outbox.writeReadings();
    await confirmed(outbox);
    await first.stop();
    image.writeReadings(5);
    image.writeReadings(7);
    const lives = { identity, boot: 2, ...(two ? { hardware: two } : {}) };
    return { outbox, image, start: () => edgeFor(image, 'plant-1', lives) };
  }

  async function restartHub(): Promise<void> {
    await running.stop();
    running = await home.start();
    proxy.retarget(running.hub.port);
  }

  test('a restored image goes on in a new epoch, which is delivered', async () => {
    const { outbox, image, start } = await restored({ hardware: ['board-1', 'board-1'] });
    await restartHub();
    const old = image.epoch;
    await start();
    await until('parted', () => image.epoch !== old);
    image.writeReadings(3);
    await confirmed(image);
    expect(image.partings).toEqual([{ epoch: old, at: 101, moved: 12 }]);
    expect(image.next).toBe(15);
    expect(home.archive.rows('plant-1', image.epoch)).toHaveLength(15);
    // What both lives have in common counts as delivered; nothing was confirmed beyond.
    expect(image.confirmed.get(old)).toBe(101);
    expectExactlyOnce(outbox);
    expect(running.hub.isCloned('plant-1')).toBe(false);
    // The old epoch is no longer named: nothing of it was owed.
    image.writeReadings(1);
    await confirmed(image);
    expect(image.epochs()).toHaveLength(1);
  });

  test('a restored image whose first life has left is delivered at once', async () => {
    const { image, start } = await restored();
    const old = image.epoch;
    await start();
    await until('parted', () => image.epoch !== old);
    await confirmed(image);
    expect(running.hub.isCloned('plant-1')).toBe(false);
  });

  test('an image on other hardware is refused, whoever else is there', async () => {
    const { image, start } = await restored({ hardware: ['board-1', 'board-2'] });
    await restartHub();
    const second = await start();
    await until('refused', () => second.state().fault === 'identity-held');
    expect(image.partings).toEqual([]);
    expect(image.confirmations).toEqual([]);
  });

  test('a copy on other hardware that began its own epoch is no conflict: only that epoch is delivered', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    outbox.writeReadings();
    const copy = outbox.clone(false);
    const identity = await enrol(running.hub, 'plant-1');
    const first = await edgeFor(outbox, 'plant-1', { identity, hardware: 'board-1' });
    outbox.writeReadings();
    await confirmed(outbox);
    await first.stop();
    copy.beginEpoch();
    copy.writeCatalogue().writeReadings();
    await edgeFor(copy, 'plant-1', { identity, hardware: 'board-2', boot: 2 });
    await confirmed(copy);
    expect(copy.confirmations.filter((next) => next > 11)).toEqual([]);
    expect(home.archive.rows('plant-1', copy.epoch)).toHaveLength(11);
    expect(home.archive.next('plant-1', outbox.epoch)).toBe(outbox.next);
    expectExactlyOnce(outbox);
  });

  test('a card in a spare delivers its tail, then what the spare wrote', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
    const old = outbox.epoch;
    outbox.beginEpoch();
    outbox.writeCatalogue().writeReadings();
    await edgeFor(outbox);
    await confirmed(outbox);
    expect(outbox.confirmed.get(old)).toBe(101);
    expect(home.archive.rows('plant-1', old)).toHaveLength(101);
    expect(home.archive.rows('plant-1', outbox.epoch)).toHaveLength(11);
  });

  test('a tail that is lost to its end does not keep the next epoch waiting', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 4; frame++) outbox.writeReadings();
    outbox.lose(35, true);
    const old = outbox.epoch;
    outbox.beginEpoch();
    outbox.writeCatalogue().writeReadings();
    await edgeFor(outbox);
    await confirmed(outbox);
    await until('the old one', () => home.archive.next('plant-1', old) === 41);
    expect(home.archive.gaps.get(`plant-1/${old}`)).toMatchObject([{ from: 31, to: 41, reason: 'journal-damaged' }]);
    await until('nothing of it is owed', () => outbox.epochs().length === 1 && outbox.declared.length === 0);
  });

  test('so does one that is found lost only while it is sent', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 4; frame++) outbox.writeReadings();
    outbox.lose(35, 'when-read');
    const old = outbox.epoch;
    outbox.beginEpoch();
    outbox.writeCatalogue().writeReadings();
    await edgeFor(outbox);
    await confirmed(outbox);
    await until('the old one', () => home.archive.next('plant-1', old) === 41);
    await confirmed(outbox);
  });

  test('two copies that started alike, both with the name: both are stored once, and one keeps the name', async () => {
    const outbox = new MemoryOutbox().writeCatalogue();
    for (let frame = 0; frame < 5; frame++) outbox.writeReadings();
    const copy = outbox.clone(false);
    const identity = await enrol(running.hub, 'plant-1');
    const states = [await edgeFor(outbox, 'plant-1', { identity }), await edgeFor(copy, 'plant-1', { identity })];
    const shared = outbox.epoch;
    let most = 0;
    await until(
      'one of them is refused',
      () => {
        outbox.writeReadings(1);
        copy.writeReadings(2);
        most = Math.max(most, home.archive.next('plant-1', shared));
        return states.some((edge) => edge.state().fault === 'identity-held');
      },
      30_000,
    );
    expect(running.hub.isCloned('plant-1')).toBe(true);
    // Which one keeps the name is known only when it has been let work for a while.
    const isDelivered = (each: MemoryOutbox) => each.confirmed.get(each.epoch) === each.next;
    await until('the other delivers', () => [outbox, copy].some(isDelivered), 30_000);
    for (const each of [outbox, copy]) {
      expect(each.confirmed.get(each.epoch) ?? 0).toBeLessThanOrEqual(home.archive.next('plant-1', each.epoch));
    }
  }, 60_000);

  test('two with one name and a journal each, both alive: one keeps the name, and of neither is anything twice', async () => {
    const one = new MemoryOutbox().writeCatalogue();
    const other = new MemoryOutbox().writeCatalogue();
    const identity = await enrol(running.hub, 'plant-1');
    const edges = [await edgeFor(one, 'plant-1', { identity }), await edgeFor(other, 'plant-1', { identity })];
    const refused = () => edges.findIndex((edge) => edge.state().fault === 'identity-held');
    await until(
      'one is refused',
      () => {
        one.writeReadings(1);
        other.writeReadings(1);
        return refused() >= 0;
      },
      30_000,
    );
    expect(running.hub.isCloned('plant-1')).toBe(true);
    const holder = refused() === 0 ? other : one;
    await confirmed(holder);
    expectExactlyOnce(holder);
    for (const outbox of [one, other]) {
      const stored = home.archive.rows('plant-1', outbox.epoch).map(({ seq }) => seq);
      expect(stored).toEqual(Array.from(stored, (_, at) => at));
      expect(outbox.confirmed.get(outbox.epoch) ?? 0).toBeLessThanOrEqual(stored.length);
    }
  }, 60_000);
});

test('a hub restored from a backup gets back what is kept; the rest is a gap that says why', async () => {
  const outbox = new MemoryOutbox().writeCatalogue();
  const identity = await enrol(running.hub, 'plant-1');
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  await edgeFor(outbox, 'plant-1', { identity });
  await confirmed(outbox);
  const restore = home.archive.backup();
  for (let frame = 0; frame < 10; frame++) outbox.writeReadings();
  await confirmed(outbox);
  expect(outbox.knownHub).toEqual({ id: 'hub', generation: 'first' });
  await running.stop();
  restore();
  outbox.trim(151);
  running = await home.start();
  proxy.retarget(running.hub.port);
  await until('drained again', () => home.archive.next('plant-1', outbox.epoch) === outbox.next);
  await confirmed(outbox);
  expect(outbox.confirmations).toContain(101);
  expectExactlyOnce(outbox);
  expect(home.archive.gaps.get(`plant-1/${outbox.epoch}`)).toEqual([
    { epoch: outbox.epoch, from: 101, to: 151, reason: 'hub-restored' },
  ]);
  expect(outbox.knownHub).toEqual({ id: 'hub', generation: 'first+' });
});

import { expect, test } from 'vitest';
import { SessionWorld } from '../support/session-world.ts';

async function live(seed: number): Promise<SessionWorld> {
  const world = new SessionWorld(seed);
  for (let step = 0; step < 150; step++) await world.step();
  world.faulty = false;
  for (let step = 0; step < 2000 && !world.done; step++) await world.step();
  return world;
}

function check(world: SessionWorld, seed: number): void {
  const { outbox, archive } = world;
  expect(world.done, `seed ${seed} drains`).toBe(true);
  const rows = archive.rows('gw', outbox.epoch);
  for (const { seq, value } of rows)
    if (value !== undefined && value !== seq) throw new Error(`seed ${seed}: ${value} at ${seq}`);
  const gaps = archive.gaps.get(`gw/${outbox.epoch}`) ?? [];
  const lost = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  expect(rows.length + lost, `seed ${seed}: stored and declared`).toBe(outbox.next);
}

test('both ends of a session store every record once or declare it, whatever the link does', {
  timeout: 60_000,
}, async () => {
  let reconnects = 0;
  let restores = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const world = await live(seed);
    check(world, seed);
    reconnects += world.reconnects;
    restores += world.restores;
  }
  expect(restores).toBeGreaterThan(500);
  // The world was a bad one.
  expect(reconnects).toBeGreaterThan(1500);
});

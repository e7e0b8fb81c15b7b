import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ca } from '../../cloud-sync/cloud-hub/ca.ts';
import { systemClock } from '../../core/clock.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-ca-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test('a power cut between the two renames that replace it does not make another: all gateways would be strangers', async () => {
  const ca = await Ca.open(dataDir, systemClock);
  await ca.rotate();
  await rm(join(dataDir, 'ca'), { recursive: true });
  expect(await readdir(dataDir)).toEqual(['ca.previous']);
  expect((await Ca.open(dataDir, systemClock)).fingerprint).toBe(ca.fingerprint);
  expect(await readdir(dataDir)).toEqual(['ca']);
});

test('what is left of a replacement that came to its end is not taken back', async () => {
  const ca = await Ca.open(dataDir, systemClock);
  await ca.rotate();
  const again = await Ca.open(dataDir, systemClock);
  expect(again.nextFingerprint).toBe(ca.nextFingerprint);
  expect(again.nextFingerprint).toBeDefined();
});

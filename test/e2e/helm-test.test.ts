import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { oraclePlant } from './oracle-plant.ts';
import { Site } from './site.ts';

const SCRIPT = readFileSync(join(packageRoot, 'deploy/charts/gateway/files/test.mjs'), 'utf8');

let site: Site;
beforeAll(async () => {
  site = await Site.start({ plant: oraclePlant(10, '1s').yaml, values: 'oracle' });
});
afterAll(() => site?.stop());

/** What `helm test` runs on the gateway's node, with less patience. */
function helmTest(patienceMs: number): Promise<{ readonly code: number | null; readonly text: string }> {
  const env = { GATEWAY: 'e2e', STATUS: site.gatewayUrl, HUB: 'yes', PATIENCE_MS: String(patienceMs) };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
      env: { PATH: process.env.PATH ?? '', ...env },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => {
        text += part;
      });
    child.once('close', (code) => resolve({ code, text }));
  });
}

test('helm test of a gateway passes once the hub has stored what was read since, and fails while it cannot', {
  timeout: 90_000,
}, async () => {
  await site.until(
    async () => (await fetch(`${site.gatewayUrl}/healthz`).catch(() => undefined))?.ok === true,
    'a gateway',
  );
  const passed = await helmTest(30_000);
  expect(passed, passed.text).toMatchObject({ code: 0 });
  expect(passed.text).toContain('ok  what was journalled since is stored at the hub');
  // The link holds for a while, and nobody stores.
  process.kill(site.hub.pid, 'SIGSTOP');
  const failed = await helmTest(4000);
  process.kill(site.hub.pid, 'SIGCONT');
  expect(failed, failed.text).toMatchObject({ code: 1 });
  // On a machine that stands still meanwhile, the gateway has noticed already that nobody answers.
  expect(failed.text).toMatch(/(is stored at the hub|the hub takes what is sent): not within 4 s/);
});

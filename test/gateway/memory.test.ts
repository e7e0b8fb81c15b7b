import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { writeToStream } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { withoutNumberCache } from '../../core/mqtt-memory.ts';
import { packageRoot } from '../../core/package-root.ts';

const OF_A_GATEWAY = ['core', 'devices', 'gateway', 'cloud-sync/edge-hub', 'cloud-sync/protocol'];
/** Only `sluice join` reaches it. */
const OF_A_JOIN = 'cloud-sync/edge-hub/fetch-text.ts';

test("nothing of a gateway imports node:http, which would load Node's web client", () => {
  const files = OF_A_GATEWAY.flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
  expect(files.length).toBeGreaterThan(150);
  const imports = /^import (?!type ).*from 'node:http2?';/m;
  const found = files.filter((file) => imports.test(readFileSync(join(packageRoot, file), 'utf8')));
  expect(found).toEqual([OF_A_JOIN]);
});

test('a gateway writes MQTT without a buffer for each number', async () => {
  withoutNumberCache();
  const stream = new PassThrough();
  writeToStream({ cmd: 'puback', messageId: 0x0102 }, stream);
  // It uncorks the stream in the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.read()).toEqual(Buffer.from([0x40, 2, 1, 2]));
  const { cache } = createRequire(import.meta.url)('mqtt-packet/numbers') as { cache: object };
  expect(Object.keys(cache)).toEqual([]);
});

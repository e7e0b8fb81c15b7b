import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Ca } from '../../cloud-sync/cloud-hub/ca.ts';
import { GatewayListener } from '../../cloud-sync/cloud-hub/gateway-listener.ts';
import type { RefusedClient } from '../../cloud-sync/cloud-hub/hub-events.ts';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { until } from '../support/sync-pair.ts';

test('a connection that never begins its handshake ends, and its place is free again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-listener-'));
  const refused: RefusedClient[] = [];
  const ca = await Ca.open(folder, systemClock);
  const listener = new GatewayListener({
    listen: { host: '127.0.0.1', port: 0 },
    tls: { ...(await ca.issueServer([])), ca: ca.trusted },
    caps: { total: 10, perAddress: 1 },
    handshakeMs: 200,
    log: quietLog,
    accept: () => {},
    refused: (each) => refused.push(each),
  });
  await listener.open();
  const open = () =>
    connect({ host: '127.0.0.1', port: listener.port })
      .on('error', () => {})
      .resume();
  try {
    const silent = open();
    await until('the silent one is ended', () => silent.destroyed);
    expect(refused).toMatchObject([{ address: '127.0.0.1', act: 'handshake', reason: 'ERR_TLS_HANDSHAKE_TIMEOUT' }]);
    const next = open();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(next.destroyed, 'the next one finds room').toBe(false);
    next.destroy();
  } finally {
    await listener.close();
    await rm(folder, { recursive: true });
  }
});

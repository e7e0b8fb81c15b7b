import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { openLink } from '../../cloud-sync/edge-hub/link.ts';
import { systemClock } from '../../core/clock.ts';
import { enrol, HubHome, until } from '../support/sync-pair.ts';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a connection that fails leaves no timer to keep the process alive', async () => {
  // Anything but TLS: the handshake ends in an error.
  const server = createServer((socket) => socket.on('error', () => {}).end('no TLS here\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const before = timers();
  for (let i = 0; i < 5; i++) {
    const link = openLink({
      url: `mqtts://127.0.0.1:${port}`,
      gateway: 'g1',
      identity: { certificate: '', key: '', ca: '' },
      clock: systemClock,
      signal: new AbortController().signal,
      onMessage: () => {},
      onClosed: () => {},
    });
    await expect(link).rejects.toMatchObject({ name: 'Fault' });
  }
  await until('their timers are gone', () => timers() - before < 3, 5000);
  server.close();
});

test('a message that comes after the end is let go: it does not end the process', async () => {
  const home = await HubHome.create();
  const running = await home.start();
  try {
    const link = await openLink({
      url: `mqtts://127.0.0.1:${running.hub.port}`,
      gateway: 'g1',
      identity: await enrol(running.hub, 'g1'),
      clock: systemClock,
      signal: new AbortController().signal,
      onMessage: () => {},
      onClosed: () => {},
    });
    link.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(() => link.publish('status', Buffer.from('{}'), { retain: true })).not.toThrow();
  } finally {
    await running.stop();
    await home.remove();
  }
});

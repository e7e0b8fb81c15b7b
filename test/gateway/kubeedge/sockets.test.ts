import { chownSync, existsSync, linkSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadDmi } from '../../../gateway/kubeedge/dmi.ts';
import { DmiServer } from '../../../gateway/kubeedge/dmi-server.ts';
import { describeIf } from '../../support/tools.ts';
import { KubeSite, until } from './kube-site.ts';

let site: KubeSite;
beforeEach(async () => {
  site = await KubeSite.build();
});
afterEach(() => site.strike());

/** The mapper's fault, once it has one. */
const fault = () =>
  until(async () => {
    const { kubeedge } = await site.status();
    return kubeedge.mapper === 'faulted' ? kubeedge : undefined;
  });

describe('sockets', () => {
  test('our own, left behind by a crash, is replaced', async () => {
    const server = createServer().listen(site.socket);
    await until(() => existsSync(site.socket));
    linkSync(site.socket, `${site.socket}.kept`);
    await new Promise((resolve) => server.close(resolve));
    renameSync(`${site.socket}.kept`, site.socket);
    await site.edgeCore.start();
    await site.start();
    await until(async () => (await site.status()).kubeedge.mapper === 'registered');
  });

  test('another mapper listens at ours', async () => {
    const ignore = () => {};
    const callbacks = { device: ignore, removeDevice: ignore, model: ignore, removeModel: ignore };
    const other = new DmiServer(site.socket, loadDmi(), callbacks);
    await other.listen();
    await site.edgeCore.start();
    await site.start();
    expect(await fault()).toMatchObject({
      fault: 'mapper-socket',
      detail: expect.stringContaining('another mapper listens there'),
    });
    await other.close();
    await until(async () => (await site.status()).kubeedge.mapper === 'registered');
  });

  test('a file of somebody is not taken away', async () => {
    writeFileSync(site.socket, 'precious');
    await site.edgeCore.start();
    await site.start();
    expect(await fault()).toMatchObject({ fault: 'mapper-socket', detail: expect.stringContaining('is no socket') });
    expect(existsSync(site.socket)).toBe(true);
  });

  describeIf(process.getuid?.() === 0, 'root', 'of another user', () => {
    test('EdgeCore’s: nothing is sent there', async () => {
      await site.edgeCore.start();
      chownSync(site.edgeCore.socket, 1234, 1234);
      await site.start();
      expect(await fault()).toMatchObject({
        fault: 'edgecore-refused',
        detail: expect.stringContaining('belongs to user 1234'),
      });
      expect(site.edgeCore.calls).toEqual({});
    });

    test('ours: it is not replaced', async () => {
      const server = createServer().listen(site.socket);
      await until(() => existsSync(site.socket));
      chownSync(site.socket, 1234, 1234);
      await site.edgeCore.start();
      await site.start();
      expect(await fault()).toMatchObject({
        fault: 'mapper-socket',
        detail: expect.stringContaining('belongs to user 1234'),
      });
      await new Promise((resolve) => server.close(resolve));
    });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NotifyReceiver } from '../support/notify-receiver.ts';
import { describeIf, hasTool } from '../support/tools.ts';
import { pickPorts } from './ports.ts';
import { SluiceProcess } from './sluice-process.ts';

const CONFIGS = {
  gateway: (dir: string, [http]: readonly number[]) => `gateway: g
dataDir: ${dir}/data
http: { listen: 127.0.0.1:${http} }
eventBus: false
channels: [{ name: dead, driver: modbus-tcp, port: "tcp://127.0.0.1:9", timeout: 200ms }]
devices: [{ name: d, channel: dead, unitId: 1, every: 1s, points: { p: { address: { table: holding, register: 0, type: uint16 } } } }]
`,
  hub: (dir: string, [http, mqtt]: readonly number[]) => `dataDir: ${dir}/data
http: { listen: 127.0.0.1:${http} }
mqtt: { listen: 127.0.0.1:${mqtt} }
`,
};

/** What systemd hears of real processes; a dead device is no reason to hear nothing. */
describeIf(hasTool('systemd-notify') && hasTool('python3'), 'systemd-notify', 'under a watchdog', () => {
  test.each(['gateway', 'hub'] as const)(
    'a %s tells that it is ready, gets on and stops',
    async (verb) => {
      const dir = mkdtempSync(join(tmpdir(), 'sluice-watchdog-'));
      const receiver = await NotifyReceiver.open();
      const file = join(dir, `${verb}.yaml`);
      writeFileSync(file, CONFIGS[verb](dir, await pickPorts(2)));
      const env = { NOTIFY_SOCKET: receiver.socket, WATCHDOG_USEC: '800000', SLUICE_LOG: 'warn' };
      const sluice = new SluiceProcess([verb, '-c', file], { env });
      try {
        await receiver.until('READY=1');
        await receiver.until('WATCHDOG=1', 3);
        expect(await sluice.kill()).toBe(0);
        await receiver.until('STOPPING=1');
      } finally {
        await sluice.kill();
        receiver.close();
        rmSync(dir, { recursive: true });
      }
    },
    60_000,
  );
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Kernel, mountOf, serialPorts } from '../../cli/dump/machine.ts';
import { learnMount } from '../../cli/dump/names.ts';
import { Parts } from '../../cli/dump/parts.ts';
import { isSecretKey, Redactor } from '../../cli/dump/redactor.ts';
import { systemClock } from '../../core/clock.ts';

test('a part that hangs is given up and told of meanwhile', async () => {
  const notes: string[] = [];
  const quick = { ...systemClock, after: (ms: number, then: () => void) => systemClock.after(ms / 50, then) };
  const parts = new Parts(quick, (note) => void notes.push(note), 5000);
  let wasAborted = false;
  const hanging = (signal: AbortSignal) =>
    new Promise<never>(() => signal.addEventListener('abort', () => (wasAborted = true)));
  expect(await parts.take('status', hanging)).toBeUndefined();
  expect(await parts.take('disk', async () => 'here')).toBe('here');
  expect(parts.failed).toEqual([{ part: 'status', reason: 'no answer within 5 s' }]);
  expect([parts.all, wasAborted, notes]).toEqual([{ disk: 'here' }, true, ['status takes a while …']]);
});

test('serial ports: by name, driver and latency timer, with a warning for a slow one', async () => {
  const home = mkdtempSync(join(tmpdir(), 'dump-kernel-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  };
  const link = (path: string, to: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    symlinkSync(to, join(home, path));
  };
  for (const [tty, ms] of [
    ['ttyUSB0', '16\n'],
    ['ttyUSB1', '1\n'],
  ] as const) {
    link(`sys/class/tty/${tty}/device/driver`, '../../bus/usb-serial/drivers/ftdi_sio');
    write(`sys/bus/usb-serial/devices/${tty}/latency_timer`, ms);
    link(`dev/serial/by-id/usb-FTDI_${tty}-if00-port0`, `../../${tty}`);
  }
  link('sys/class/tty/ttyS0/device/driver', '../serial8250');
  write('sys/class/tty/ttyS0/type', '0\n');
  mkdirSync(join(home, 'sys/class/tty/tty1'));
  const { ports } = (await serialPorts(new Kernel(home))) as { ports: Record<string, unknown>[] };
  expect(ports.map(({ port, driver, latencyTimerMs }) => [port, driver, latencyTimerMs])).toEqual([
    ['/dev/ttyUSB0', 'ftdi_sio', 16],
    ['/dev/ttyUSB1', 'ftdi_sio', 1],
  ]);
  expect(ports[0]?.byId).toEqual(['/dev/serial/by-id/usb-FTDI_ttyUSB0-if00-port0']);
  expect(ports[0]?.warning).toMatch(/30 %.*echo 1 >/);
  expect(ports[1]?.warning).toBeUndefined();
});

test('the mount of a path', () => {
  const info = [
    '22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw,errors=remount-ro',
    '40 22 8:1 / /var/lib rw - xfs /dev/sda1 rw',
    '41 22 8:2 / /var/lib rw,relatime - ext4 /dev/sdb1 rw,commit=60',
    '42 22 8:3 / /mnt/a\\040b ro - vfat /dev/sdc1 ro',
  ].join('\n');
  expect(mountOf('/var/lib/sluice', info)).toMatchObject({
    at: '/var/lib',
    fileSystem: 'ext4',
    options: 'rw,relatime',
  });
  expect(mountOf('/var/library', info)).toMatchObject({ device: '/dev/root', superOptions: 'rw,errors=remount-ro' });
  expect(mountOf('/mnt/a b/c', info)).toMatchObject({ at: '/mnt/a b', fileSystem: 'vfat' });
});

test('a disk in the network does not tell whose it is', () => {
  const redactor = new Redactor({ names: true });
  learnMount({ at: '/srv/kumho', device: 'nas.kumho.example:/export/press' }, redactor);
  learnMount({ at: '/var/lib', device: '/dev/sda1' }, redactor);
  expect(redactor.text('/srv/kumho/x on nas.kumho.example:/export/press, /var/lib on /dev/sda1')).toBe(
    'folder-1/x on share-1, /var/lib on /dev/sda1',
  );
});

test('keys of secrets are known by their words, times of day are no addresses', () => {
  expect(['password', 'writePin', 'WRITE_PASSWORD', 'api-key', 'accessTokens'].every(isSecretKey)).toBe(true);
  expect(['keepRaw', 'profile', 'monkey', 'register', 'passes'].some(isSecretKey)).toBe(false);
  const { text } = new Redactor({ names: true });
  const redactor = new Redactor({ names: true });
  expect(text.call(redactor, '09:32:29 127.0.0.1 [::1]:80 10.0.0.9 fe80::1 aa:bb:cc:dd:ee:ff 10.0.0.9')).toBe(
    '09:32:29 127.0.0.1 [::1]:80 ip-1 ip-2 ip-3 ip-1',
  );
});

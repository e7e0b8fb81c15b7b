import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { PATIENCE_MS } from '../../core/progress.ts';
import { describeWith } from '../support/tools.ts';

const UNITS = ['gateway', 'hub'] as const;
/** Of 10; docs/install.md tells what is measured. */
const MOST_EXPOSED = { gateway: 2, hub: 1.6 };

const fileOf = (unit: string) => join(packageRoot, `deploy/systemd/sluice-${unit}.service`);

describeWith('systemd-analyze', 'units', () => {
  test.each(UNITS)('sluice-%s is as little exposed as the docs say', (unit) => {
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', fileOf(unit)], {
      encoding: 'utf8',
    });
    const measured = Number(/exposure level for .*: ([\d.]+)/.exec(stdout)?.[1]);
    expect(measured).toBeLessThanOrEqual(MOST_EXPOSED[unit]);
    expect(readFileSync(join(packageRoot, 'docs/install.md'), 'utf8')).toContain(`\`sluice-${unit}\` ${measured}`);
  });
});

test.each(UNITS)('sluice-%s is under a watchdog that ends it softly, sooner than a hang is vouched for', (unit) => {
  const text = readFileSync(fileOf(unit), 'utf8');
  expect(text).toMatch(/^Type=notify$/m);
  expect(text).toMatch(/^NotifyAccess=all$/m);
  expect(text).toMatch(/^WatchdogSignal=SIGTERM$/m);
  const seconds = Number(/^WatchdogSec=(\d+)$/m.exec(text)?.[1]);
  // Until then a beat says that all is well although something hangs: the interval adds to the patience and must not dwarf it.
  expect(seconds * 1000).toBeLessThanOrEqual(PATIENCE_MS / 2);
});

test('ports that may come later are allowed, since their drivers are loaded first', () => {
  const text = readFileSync(fileOf('gateway'), 'utf8');
  const allowed = [...text.matchAll(/^DeviceAllow=char-(tty\w+) rw$/gm)].map(([, name]) => name);
  expect(allowed).toEqual(expect.arrayContaining(['ttyS', 'ttyAMA', 'ttySC', 'ttyUSB', 'ttyACM', 'ttymxc', 'ttyTHS']));
  for (const key of ['Wants', 'After'])
    expect(text).toMatch(new RegExp(`^${key}=.*modprobe@usbserial.service modprobe@cdc_acm.service`, 'm'));
});

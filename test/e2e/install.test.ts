import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot, version } from '../../core/package-root.ts';
import { chrootCommand, debianRoot, type InChroot, must } from '../support/chroot.ts';
import { describeIf, hasTool } from '../support/tools.ts';

const MINUTES_MS = 600_000;

const canChroot = process.getuid?.() === 0 && ['debootstrap', 'unshare', 'setpriv'].every(hasTool);

describeIf(canChroot, 'debootstrap as root', 'deploy/install.sh', () => {
  let work: string;
  let root: string;

  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'sluice-install-'));
    root = join(work, 'machine');
    mkdirSync(root);
    must('cp', '-a', `${debianRoot('systemd')}/.`, root);
    const file = join(work, 'sluice.tar.gz');
    const how = ['--arch', 'amd64', '--gateway-only', '--with-node'];
    must(process.execPath, '--import', 'tsx', join(packageRoot, 'deploy/package/main.ts'), ...how, '-o', file);
    must('sh', '-c', `cd ${work} && sha256sum -c sluice.tar.gz.sha256`);
    must('tar', '-xzf', file, '-C', join(root, 'root'));
  }, MINUTES_MS);

  afterAll(() => rmSync(work, { recursive: true, force: true }), MINUTES_MS);

  /** In the machine, which has no network. */
  const inside = (command: readonly string[], options: InChroot = {}) => {
    const [program = '', ...args] = chrootCommand(root, command, options);
    const { status, stdout, stderr } = spawnSync('unshare', ['--net', program, ...args], { encoding: 'utf8' });
    return { status, text: stdout + stderr };
  };
  const install = (...args: string[]) => inside([`/root/sluice-${version}/deploy/install.sh`, ...args]);
  /** Every file with what it holds, when it was changed, and its rights. */
  const stand = (...folders: string[]) => {
    const all = folders.map((folder) => join(root, folder)).filter(existsSync);
    return must('find', ...all, '-printf', '%P %m %u %T@ %s %l\n');
  };
  const OURS = ['etc', 'opt', 'usr/local', 'var/lib'];

  test('installs without a network, and a second time changes nothing', () => {
    const first = install();
    expect(first, first.text).toMatchObject({ status: 0 });
    expect(first.text).toContain('[4/4]');
    expect(first.text).toContain('sluice join');
    const before = stand(...OURS);
    const second = install();
    expect(second, second.text).toMatchObject({ status: 0 });
    expect(second.text).toContain('nothing to change');
    expect(stand(...OURS)).toBe(before);
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toMatch(/^sluice:/m);
    expect(readFileSync(join(root, 'etc/group'), 'utf8')).toMatch(/^dialout:.*\bsluice\b/m);
  });

  test('what is installed runs as the user of the unit, which cannot write to the program', () => {
    const [, uid, gid] = /^sluice:x:(\d+):(\d+)/m.exec(readFileSync(join(root, 'etc/passwd'), 'utf8')) ?? [];
    const who = { uid: Number(uid), gid: Number(gid), groups: [20] };
    expect(inside(['sluice', '--version'], who)).toEqual({ status: 0, text: `${version}\n` });
    writeFileSync(join(root, 'etc/sluice/gateway.yaml'), 'gateway: g\n');
    expect(inside(['sluice', 'check', '-c', '/etc/sluice/gateway.yaml'], who).status).toBe(0);
    expect(inside(['touch', '/var/lib/sluice/mine'], who).status).toBe(0);
    expect(inside(['touch', '/opt/sluice/current/dist/foreign'], who).status).not.toBe(0);
  });

  test('a package of a gateway alone is no hub, and does not take the place of one that is there', () => {
    const before = stand(...OURS);
    const refused = { status: 1, text: expect.stringContaining('holds no hub') };
    expect(install('--hub')).toMatchObject(refused);
    expect(stand(...OURS)).toBe(before);
    const unit = join(root, 'etc/systemd/system/sluice-hub.service');
    writeFileSync(unit, '');
    expect(install()).toMatchObject(refused);
    rmSync(unit);
  });

  test('systemd reads the units without a complaint', () => {
    for (const unit of ['gateway', 'hub']) {
      // Its unit alone: this package is a gateway's, and the program is the same.
      if (unit === 'hub')
        cpSync(
          join(packageRoot, 'deploy/systemd/sluice-hub.service'),
          join(root, 'etc/systemd/system/sluice-hub.service'),
        );
      const { status, text } = inside(['systemd-analyze', 'verify', `/etc/systemd/system/sluice-${unit}.service`]);
      expect({ status, text }).toEqual({ status: 0, text: '' });
    }
    rmSync(join(root, 'etc/systemd/system/sluice-hub.service'));
  });

  test('beside EdgeCore the gateway is root without a right, and may write where the sockets are', () => {
    // Without it the script says what comes next.
    const yaml = join(root, 'etc/sluice/gateway.yaml');
    renameSync(yaml, `${yaml}.kept`);
    const first = install('--kubeedge');
    renameSync(`${yaml}.kept`, yaml);
    expect(first, first.text).toMatchObject({ status: 0 });
    const unit = inside(['systemd-analyze', 'cat-config', 'systemd/system/sluice-gateway.service']).text;
    const last = (key: string) => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].at(-1)?.[1];
    expect([last('User'), last('CapabilityBoundingSet'), last('ReadWritePaths')]).toEqual([
      'root',
      '',
      '/run/kubeedge-dmi',
    ]);
    expect(inside(['systemd-analyze', 'verify', '/etc/systemd/system/sluice-gateway.service'])).toEqual({
      ...{ status: 0, text: '' },
    });
    expect(stand('run/kubeedge-dmi')).toMatch(/^ 700 root /);
    // The folder is root's now: a key that another user had fetched could not be read.
    expect(stand('var/lib/sluice')).toMatch(/^ 700 root /);
    expect(first.text).toMatch(/^ {2}sluice join /m);
    expect(install('--kubeedge').text).toContain('nothing to change');
  });

  test('a newer version takes over, and --rollback brings the one before back', () => {
    const [old, next] = [join(root, `root/sluice-${version}`), join(root, 'root/sluice-next')];
    cpSync(old, next, { recursive: true, verbatimSymlinks: true });
    const json = readFileSync(join(next, 'package.json'), 'utf8');
    writeFileSync(join(next, 'package.json'), json.replace(`"version": "${version}"`, '"version": "9.9.9"'));
    expect(inside(['/root/sluice-next/deploy/install.sh'])).toMatchObject({ status: 0 });
    expect(inside(['sluice', '--version']).text).toBe('9.9.9\n');
    expect(install('--rollback').status).toBe(0);
    expect(inside(['sluice', '--version']).text).toBe(`${version}\n`);
  });

  test('on a machine with a hub too, an upgrade of either restarts both, and programs that are left behind go', () => {
    const [old, next] = [join(root, `root/sluice-${version}`), join(root, 'root/sluice-both')];
    cpSync(old, next, { recursive: true, verbatimSymlinks: true });
    const json = readFileSync(join(next, 'package.json'), 'utf8');
    writeFileSync(join(next, 'package.json'), json.replace(`"version": "${version}"`, '"version": "9.9.10"'));
    // As far as the script looks: a program with a page is a hub's too.
    mkdirSync(join(next, 'dist/monitor/dashboard'), { recursive: true });
    const unit = join(root, 'etc/systemd/system/sluice-hub.service');
    writeFileSync(unit, '');
    const systemctl = join(root, 'usr/local/sbin/systemctl');
    writeFileSync(systemctl, '#!/bin/sh\necho "$@" >> /root/systemctl.log\n', { mode: 0o755 });
    mkdirSync(join(root, 'run/systemd/system'), { recursive: true });
    writeFileSync(join(root, 'etc/sluice/hub.yaml'), '');
    try {
      const both = inside(['/root/sluice-both/deploy/install.sh', '--hub']);
      expect(both, both.text).toMatchObject({ status: 0 });
      const log = readFileSync(join(root, 'root/systemctl.log'), 'utf8');
      expect(log.match(/^restart .*/gm)?.sort()).toEqual(['restart sluice-gateway', 'restart sluice-hub']);
      expect(readFileSync(unit, 'utf8'), 'its unit is that of the new version').toContain('[Service]');
      const kept = readdirSync(join(root, 'opt/sluice'), { withFileTypes: true }).filter((each) => each.isDirectory());
      expect(kept.map(({ name }) => name).sort()).toEqual([version, '9.9.10'].sort());
      expect(inside(['/root/sluice-both/deploy/install.sh']).text).toContain('nothing to change');
    } finally {
      for (const path of [systemctl, unit, join(root, 'etc/sluice/hub.yaml')]) rmSync(path);
      rmSync(join(root, 'run/systemd'), { recursive: true });
    }
  });

  test('refuses what cannot work before it changes anything', () => {
    const before = stand(...OURS);
    mkdirSync(join(root, 'root/empty/deploy'), { recursive: true });
    cpSync(join(packageRoot, 'deploy/install.sh'), join(root, 'root/empty/deploy/install.sh'));
    expect(inside(['/root/empty/deploy/install.sh'])).toMatchObject({
      status: 1,
      text: expect.stringContaining('holds no built Sluice'),
    });
    expect(install('--nonsense')).toMatchObject({ status: 1, text: expect.stringContaining('--help') });
    expect(stand(...OURS)).toBe(before);
  });

  test('leaves configuration and data when it goes, and nothing at all with --purge', () => {
    expect(install('--uninstall')).toMatchObject({ status: 0, text: expect.stringContaining('Kept') });
    expect(stand('opt', 'usr/local/bin', 'etc/systemd/system', 'etc/udev/rules.d')).not.toContain('sluice');
    expect(existsSync(join(root, 'etc/sluice/gateway.yaml'))).toBe(true);
    expect(existsSync(join(root, 'var/lib/sluice/mine'))).toBe(true);
    expect(install('--uninstall', '--purge').status).toBe(0);
    expect(stand('etc', 'var/lib')).not.toMatch(/^\S*sluice/m);
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).not.toContain('sluice');
  });
});

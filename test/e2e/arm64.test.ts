import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { version } from '../../core/package-root.ts';
import { assemble } from '../../deploy/package/assemble.ts';
import { emulatedNode } from '../support/arm64.ts';
import { must } from '../support/chroot.ts';
import { describeIf, hasTool } from '../support/tools.ts';

const MINUTES_MS = 600_000;

/** Every package with a part that was built for a processor: the journal's store and serial ports. */
const NATIVE = `
const { ClassicLevel } = await import('classic-level');
const store = new ClassicLevel(process.argv[1]);
await store.put('kept', 'well');
console.log(await store.get('kept'));
await store.close();
const { SerialPort } = await import('serialport');
new SerialPort({ path: '/dev/null', baudRate: 9600 }, (error) => console.log(error.message, process.arch));
`;

const canEmulate = process.getuid?.() === 0 && ['debootstrap', 'qemu-aarch64-static'].every(hasTool);

/** Short, since emulation is slow: `npm run arm64` plays a whole site. */
describeIf(canEmulate, 'qemu-user-static and debootstrap as root', 'the package for arm64', () => {
  const work = mkdtempSync(join(tmpdir(), 'sluice-arm64-'));
  const folder = join(work, 'package');
  let node: readonly string[];
  beforeAll(() => {
    node = emulatedNode(work);
    assemble({ arch: 'arm64', folder, gatewayOnly: true, withNode: false, tell: () => {} });
  }, MINUTES_MS);
  afterAll(() => rmSync(work, { recursive: true, force: true }), MINUTES_MS);

  const run = (...args: string[]) => must('env', '-C', folder, ...node, ...args);

  test('starts', () => expect(run('dist/cli/main.js', '--version')).toBe(`${version}\n`), MINUTES_MS);

  test(
    'has the builds of its native packages',
    () => {
      const said = run('--input-type=module', '--eval', NATIVE, join(work, 'store'));
      // No tty: so says the system, asked by the native part.
      expect(said).toMatch(/^well\nError: Inappropriate ioctl for device.* arm64\n$/);
    },
    MINUTES_MS,
  );
});

import { expect, test } from 'vitest';
import { type HardwareDeps, hardwareId } from '../../gateway/hardware.ts';

function machine(files: Record<string, string>, env: Record<string, string> = {}): HardwareDeps {
  return { env, exists: (path) => path in files, read: (path) => files[path] };
}

const PI = { '/proc/device-tree/serial-number': '10000000abcdef01\0', '/etc/machine-id': 'aaaa\n' };

test.each([
  ['a board tells its serial number', undefined, machine(PI), 'board:10000000abcdef01'],
  ['else the machine its id', undefined, machine({ '/etc/machine-id': 'aaaa\n' }), 'machine:aaaa'],
  ['a container tells nothing', undefined, machine({ ...PI, '/.dockerenv': '' }), undefined],
  ['nor does a pod', undefined, machine(PI, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }), undefined],
  ['what is configured counts everywhere', 'line-3', machine({ ...PI, '/.dockerenv': '' }), 'configured:line-3'],
  ['a machine without any id', undefined, machine({}), undefined],
])('%s', (_, configured, from, expected) => {
  expect(hardwareId(configured, from)).toBe(expected);
});

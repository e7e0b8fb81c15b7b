import { describe, expect, test } from 'vitest';
import { configOf, readConfig } from '../../gateway/meta/config-text.ts';

describe('the text of a configuration', () => {
  test('of a file is its lines and devices with their comments', async () => {
    const text =
      'gateway: g\n# Lines.\nchannels: []\nhub: { url: x }\ndevices:\n  # The meter.\n  - { name: a, channel: b }\n';
    expect(configOf(text)).toContain('# The meter.');
    expect(configOf(text)).not.toContain('gateway');
    expect(configOf('gateway: g\n')).toBe('channels: []\ndevices: []\n');
    // What it refers to stands elsewhere.
    expect(configOf('x: &a { name: l, driver: modbus-tcp }\nchannels: [*a]\n')).toContain('name: l');
  });

  test.each([
    ['an alias bomb', `a: &a [1,1]\n${'b: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n'}c: [*b,*b,*b,*b,*b,*b,*b,*b]\n`],
    ['a prototype', 'channels: []\ndevices: []\n__proto__: { polluted: true }\n'],
    ['a prototype within', 'channels: []\ndevices: [{ __proto__: { polluted: true } }]\n'],
    ['nesting without end', `channels: ${'['.repeat(200_000)}`],
    ['something else', 'gateway: other\nchannels: []\ndevices: []\n'],
    ['no map', '- 1\n'],
    ['no YAML', 'channels: [\n'],
    [
      'a device named like the gateway itself',
      'channels: [{ name: a, driver: modbus-tcp, port: tcp://h:1 }]\ndevices: [{ name: gateway, channel: a, profile: xy-md02 }]\n',
    ],
  ])('%s is refused with a reason', async (_, text) => {
    const read = await readConfig(text, { profilesDir: undefined, self: true });
    expect(read).toEqual({
      problems: expect.arrayContaining([expect.objectContaining({ message: expect.stringMatching(/./) })]),
    });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

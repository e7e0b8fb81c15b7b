import { describe, expect, test } from 'vitest';
import { isFault } from '../../../core/faults.ts';
import { SettingsFault } from '../../../core/settings.ts';
import { readChange, withChange } from '../../../monitor/rollouts/change.ts';
import { groupSchema, membersOf } from '../../../monitor/rollouts/group.ts';
import { ringsOf, ringsSchema } from '../../../monitor/rollouts/rings.ts';
import { catalogue } from '../support/batches.ts';

const TEXT = `# of the hall
channels:
  - { name: bus-a, driver: modbus-rtu, port: /dev/ttyUSB0 }
devices:
  - name: main # the big one
    profile: eastron/sdm630
    every: 5s # fast
    alarms:
      - { id: hot, limit: 70 }
      - { id: cold, limit: 5 }
  - { name: pump-1, profile: acme/pump, every: 10s, points: { speed: { writable: true, max: 50 } } }
  - { name: pump-2, profile: acme/pump, every: 10s }
`;
const changed = (change: string) => withChange(TEXT, readChange(change));
const problemsOf = (change: string) => {
  try {
    readChange(change);
  } catch (error) {
    if (error instanceof SettingsFault)
      return error.problems.map(({ line, path, message }) => ({ line, path, message }));
    throw error;
  }
  return [];
};

describe('a change of many configurations', () => {
  test('touches what it names; comments, order and the rest stay', () => {
    expect(changed('devices: { main: { every: 2s } }')).toBe(TEXT.replace('every: 5s # fast', 'every: 2s # fast'));
  });

  test('is deep, and null takes away', () => {
    const text = changed('devices: { pump-1: { points: { speed: { max: 40, writable: null } }, every: null } }');
    expect(text).toContain('{ name: pump-1, profile: acme/pump, points: { speed: { max: 40 } } }');
  });

  test('lists of named entries are met by name, also alarms', () => {
    const text = changed('devices: { main: { alarms: { hot: { limit: 80 }, cold: null, wet: { limit: 9 } } } }');
    expect(text).toContain('{ id: hot, limit: 80 }');
    expect(text).not.toContain('cold');
    expect(text).toContain('{ id: wet, limit: 9 }');
  });

  test('an entry that is not there is added, one that is to go goes', () => {
    const text = changed(
      'channels: { tcp: { driver: modbus-tcp, port: "tcp://10.0.0.2:502" } }\ndevices: { pump-2: null }',
    );
    expect(text).toContain('- { name: tcp, driver: modbus-tcp, port: tcp://10.0.0.2:502 }');
    expect(text).not.toContain('pump-2');
    expect(withChange('', readChange('devices: { a: { every: 5s } }'))).toBe('devices:\n  - { name: a, every: 5s }\n');
  });

  test('patterns and profiles mean what is there, and add nothing', () => {
    expect(changed('devices: { "pump-*": { every: 1m } }').match(/every: 1m/g)).toHaveLength(2);
    expect(changed('devices: { "profile:acme/*": { every: 1m } }').match(/every: 1m/g)).toHaveLength(2);
    expect(changed('devices: { "*": { every: 1m } }').match(/every: 1m/g)).toHaveLength(3);
    expect(changed('devices: { "fan-*": { every: 1m }, "profile:x/y": { every: 1m }, gone: null }')).toBe(TEXT);
    expect(changed('devices: { "p*m*-2": { every: 1m }, "p*x*-2": { every: 9s } }').match(/every: 1m/g)).toHaveLength(
      1,
    );
  });

  test('the very text where everything is so already', () => {
    expect(changed('devices: { main: { every: 5s }, pump-1: { points: { speed: { max: 50 } } } }')).toBe(TEXT);
  });

  test('what an alias shares is changed at the one place only', () => {
    const shared =
      'devices:\n  - { name: a, points: &p { x: { max: 1 }, y: { max: 9 } } }\n  - { name: b, points: *p }\n';
    const text = withChange(shared, readChange('devices: { b: { points: { x: { max: 2 } } } }'));
    expect(text).toContain('{ name: a, points: &p { x: { max: 1 }, y: { max: 9 } } }');
    expect(text).toContain('{ name: b, points: { x: { max: 2 }, y: { max: 9 } } }');
  });

  test('what is no change is refused with its line', () => {
    expect(problemsOf('')).toHaveLength(1);
    expect(problemsOf('devices: {}')).toMatchObject([{ message: 'changes nothing' }]);
    expect(problemsOf('dataDir: /etc')).toMatchObject([{ line: 1, message: 'unknown key `dataDir`' }]);
    expect(problemsOf('channels: {}\ndevices: [{ name: a }]')).toMatchObject([{ line: 2, path: 'devices' }]);
    expect(problemsOf('devices:\n  a: 5\n  b: { name: c }')).toMatchObject([
      { line: 2 },
      { line: 3, path: 'devices.b.name' },
    ]);
    expect(problemsOf('devices: { __proto__: { every: 1s } }')).toMatchObject([{ message: '`__proto__` is no name' }]);
    expect(problemsOf(`devices: { a: { title: "${'x'.repeat(70_000)}" } }`)).toMatchObject([{ line: 1 }]);
    expect(problemsOf('a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c,*c]')).toHaveLength(1);
  });

  test('a configuration that is no YAML is not changed', () => {
    expect(() => withChange('devices: [', readChange('devices: { a: null }'))).toThrow(
      expect.toSatisfy((error: unknown) => isFault(error, 'settings-invalid')),
    );
  });
});

describe('rings', () => {
  test('are taken in order; shares are of all, rounded up, and the rest comes last', () => {
    expect(ringsOf(['1', '10%'], 12)).toEqual([0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect(ringsOf(['2', '100%'], 4)).toEqual([0, 0, 1, 1]);
    expect(ringsOf([], 2)).toEqual([0, 0]);
    expect(ringsOf(['5'], 2)).toEqual([0, 0]);
  });

  test('a size is a number or a share', () => {
    for (const bad of ['0', '0%', '101%', '-1', 'rest', '1.5', ''])
      expect(ringsSchema.safeParse([bad]).success).toBe(false);
    expect(ringsSchema.safeParse(['3', '1%', '100%']).success).toBe(true);
  });
});

test('a group is those it names, in that order, then those of its sites', () => {
  const known = new Map(['b', 'a', 'c'].map((id) => [id, { ...catalogue([]), site: id === 'c' ? 'Busan' : 'Seoul' }]));
  const group = groupSchema.parse({ name: 'all', gateways: ['c', 'b'], sites: ['Seoul'] });
  expect(membersOf(group, known)).toEqual(['c', 'b', 'a']);
  expect(groupSchema.safeParse({ name: 'none' }).success).toBe(false);
});

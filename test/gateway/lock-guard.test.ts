import { describe, expect, test } from 'vitest';
import { readConfig } from '../../gateway/meta/config-text.ts';
import { whyOpensLock } from '../../gateway/meta/lock-guard.ts';

const LINE = "channels: [{ name: a, driver: modbus-tcp, port: 'tcp://h:1' }]";
const KEY = 'key: { address: { table: discrete, register: 1 } }';
const COIL = 'key: { address: { table: coil, register: 1 } }';
const OTHER = 'other: { address: { table: holding, register: 9, type: int16 } }';
const text = (points: string, line = LINE) => `${line}\ndevices: [{ name: d, channel: a, points: { ${points} } }]\n`;

async function plantOf(config: string) {
  const read = await readConfig(config, { profilesDir: undefined, self: false });
  if (!('plant' in read)) throw new Error(JSON.stringify(read.problems));
  return read.plant;
}
const why = async (next: string, ...known: readonly string[]) =>
  whyOpensLock('d/key', await plantOf(next), await Promise.all(known.map(plantOf)))?.message;

describe('the switch that locks all writes', () => {
  test.each([
    ['taken away', text(OTHER)],
    ['another point', text(KEY.replace('register: 1', 'register: 2'))],
    ['a number', text('key: { address: { table: holding, register: 1, type: int16 } }')],
    ['one that can be written', text(COIL.replace('} }', '}, writable: true }'))],
    ['read less often', text(KEY).replace('channel: a,', 'channel: a, every: 1h,')],
    ['on another line', text(KEY, LINE.replace('h:1', 'h:2'))],
    ['of another device', text(KEY).replace('channel: a,', 'channel: a, unitId: 7,')],
  ])('is not %s', async (_, next) => {
    expect(await why(next, text(KEY))).toMatch('`d/key` locks all writes on site');
  });

  test('lets the rest of its device change', async () => {
    expect(await why(text(`${KEY}, ${OTHER}`), text(KEY))).toBeUndefined();
  });

  test('computed from other points, it does not', async () => {
    const computed = `${OTHER}, key: { formula: "other > 5" }`;
    expect(await why(text(computed), text(computed))).toBeUndefined();
    expect(await why(text(computed.replace('register: 9', 'register: 8')), text(computed))).toMatch('stay as they are');
  });

  test('may come where nobody has it, if it can be one', async () => {
    expect(await why(text(OTHER), text(OTHER))).toBeUndefined();
    expect(await why(text(KEY), text(OTHER))).toBeUndefined();
    expect(await why(text(COIL.replace('} }', '}, writable: true }')), text(OTHER))).toMatch('is writable');
  });

  test('is where the first that has it says', async () => {
    expect(await why(text(COIL), text(KEY), text(COIL))).toMatch('stay as they are');
  });
});

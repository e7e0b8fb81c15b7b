import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verb as profiles } from '../../cli/profiles.ts';
import { verb as read } from '../../cli/read.ts';
import { verb as simulate } from '../../cli/simulate.ts';
import { verb as write } from '../../cli/write.ts';
import { run } from '../support/run-verb.ts';

const CONFIG = `
gateway: seoul-plant-1
channels: [{ name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:502" }]
devices:
  - name: boiler
    channel: plc
    unitId: 3
    points:
      setpoint: { unit: °C, address: { table: holding, register: 41, type: int16, scale: 0.1 }, writable: true, min: 20, max: 80 }
      running:  { address: { table: discrete, register: 0 } }
      mode:     { address: { table: holding, register: 42, type: uint16 }, writable: true, enum: { 0: { en: Off, ko: 꺼짐 }, 1: { en: On, ko: 켜짐 } } }
      speed:    { address: { table: holding, register: 43, type: uint16 } }
`;

function configFile(text = CONFIG): string {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-cli-')), 'gateway.yaml');
  writeFileSync(file, text);
  return file;
}

describe('simulate, read and write', () => {
  test('a simulated device is written and read by the other verbs', async () => {
    const stopping = new AbortController();
    let ready: (port: string) => void = () => {};
    const port = new Promise<string>((resolve) => {
      ready = resolve;
    });
    const simulating = run(simulate, `-c ${configFile()} --json`, stopping.signal, (text) =>
      ready(JSON.parse(text)[0].port),
    );
    const place = `--port ${await port} --unit 3`;
    const point = `${place} --register 41 --type int16 --scale 0.1`;
    expect(await run(write, `${point} --value 55.5`)).toMatchObject({ code: 0, out: ['done: the device holds 55.5'] });
    await expect(run(write, `${point} --value 7000`)).rejects.toThrow(
      /7000 does not fit int16, which holds -3276.8 to/,
    );
    // A register that the simulated device has, but does not let anybody write.
    const refused = await run(write, `${place} --register 43 --value 1`);
    expect(refused).toMatchObject({ code: 1, out: [] });
    expect(refused.err[0]).toMatch(/refused by the device, exception 2: .*register/);
    const asJson = await run(write, `${place} --register 43 --value 1 --json`);
    expect(JSON.parse(asJson.out[0] ?? '')).toMatchObject({ register: 43, result: 'refused', exception: 2, value: 1 });
    const file = configFile(CONFIG.replace('tcp://127.0.0.1:502', await port));
    expect(await run(write, `-c ${file} --point boiler/setpoint --value 60`)).toMatchObject({ code: 0 });
    for (const [what, message] of [
      ['boiler/setpoint --value 81', /81 is above the most that may be written, 80 °C/],
      ['boiler/setpoint --value 19.9', /below the least/],
      ['boiler/running --value 1', /running is not `writable`/],
      ['boiler/mode --value 3', /3 is none of 0, 1/],
      ['boiler/nothing --value 1', /no such thing: point/],
    ] as const) {
      await expect(run(write, `-c ${file} --point ${what}`)).rejects.toThrow(message);
    }
    expect((await run(write, `-c ${file} --point boiler/mode --value 켜짐`)).out).toEqual(['done: the device holds 1']);
    await run(write, `${point} --value 55.5`);
    expect(await run(read, point)).toMatchObject({ code: 0, out: ['holding 41\t55.5'] });
    const json = await run(read, `${place} --table discrete --register 0 --json`);
    expect(JSON.parse(json.out[0] ?? '')).toEqual([{ table: 'discrete', register: 0, quality: 'good', value: false }]);
    await expect(run(read, `${place} --register 999`)).rejects.toMatchObject({ code: 'illegal-address' });
    stopping.abort();
    expect((await simulating).code).toBe(0);
  });

  test.each([
    [read, '--register 1', 'usage'],
    [read, '--port tcp://127.0.0.1:1 --register 70000', 'usage'],
    [read, '--port tcp://127.0.0.1:1 --register 1 --type int17', 'usage'],
    [read, '--port /dev/does-not-exist --register 1', 'port-missing'],
    [read, '--port tcp://127.0.0.1:1 --register 1', 'connection-refused'],
    [write, '--port tcp://127.0.0.1:1 --register 1 --value abc', 'value-unfit'],
    [write, '--port tcp://127.0.0.1:1 --table input --register 1 --value 1', 'usage'],
    [simulate, '-c /does/not/exist.yaml', 'file-missing'],
  ] as const)('$name %s', async (verb, line, code) => {
    await expect(run(verb, line)).rejects.toMatchObject({ code });
  });

  test('a configuration with problems is not simulated', async () => {
    await expect(run(simulate, `-c ${configFile(CONFIG.replace('plc\n', 'plk\n'))}`)).rejects.toThrow(
      /did you mean `plc`/,
    );
  });
});

describe('profiles', () => {
  test('list and show', async () => {
    const all = (await run(profiles, 'list')).out.join('\n');
    expect(all).toMatch(
      /^power-meter \(\d+\)$[\s\S]*^ {2}eastron\/sdm630\s+modbus-rtu\s+\d+ points {2}Eastron SDM630/m,
    );
    const { out } = await run(profiles, 'list --class leak');
    expect(out[0]).toBe(`leak (${out.length - 1})`);
    expect(out.slice(1).every((line) => /^ {2}(rle|aqualeak)\//.test(line))).toBe(true);
    const [rows] = (await run(profiles, 'list --class leak --json')).out;
    expect(JSON.parse(rows ?? '')[0]).toMatchObject({ name: 'aqualeak/10k', class: 'leak', status: 'from-document' });
    await expect(run(profiles, 'list --class meter')).rejects.toThrow(/--class must be one of: ups/);
    expect((await run(profiles, 'show xy-md02')).out[0]).toContain('vectors:');
    await expect(run(profiles, 'show xy-md03')).rejects.toThrow(/did you mean xy-md02/);
  });

  test('check names every mistake with its line', async () => {
    const good = (await run(profiles, 'show xy-md02')).out[0] ?? '';
    expect(await run(profiles, `check ${configFile(good)}`)).toMatchObject({ code: 0 });
    const bad = good
      .replace('scale: 0.1', 'scale: 0.2')
      .replace('unit: °C', 'unit: degrees')
      .replace('ko: 온도 }', 'ko: "" }');
    const { code, err } = await run(profiles, `check ${configFile(bad)}`);
    expect(code).toBe(2);
    const text = err.join('\n');
    expect(text).toMatch(/temperature: comes to 61, not 30.5/);
    expect(text).toMatch(/`degrees` is not in the list of units/);
    expect(text).toMatch(/points.temperature.title: needs `en` and `ko`/);
  });
});

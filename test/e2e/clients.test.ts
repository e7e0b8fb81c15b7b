import { cpSync, mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import modbusSerial from 'modbus-serial';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ca } from '../../cloud-sync/cloud-hub/ca.ts';
import { createRequest } from '../../cloud-sync/edge-hub/certificate-request.ts';
import { systemClock } from '../../core/clock.ts';
import { describeWith } from '../support/tools.ts';
import { runTool } from './run-tool.ts';
import { getJson, pause, Site } from './site.ts';
import { sluice } from './sluice-process.ts';

const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 10s }
devices:
  - name: boiler
    channel: tcp-plc
    unitId: 3
    every: 200ms
    points:
      water-temp: { unit: °C, address: { table: holding, register: 40, type: int16, scale: 0.1 }, valid: { min: 0, max: 100 } }
      running: { address: { table: discrete, register: 0 } }
  - { name: meter, channel: tcp-plc, unitId: 7, profile: schneider/pm5110, every: 500ms }
`;

let site: Site;
beforeAll(async () => {
  site = await Site.start({ plant: PLANT });
  const isThere = async () => (await site.latest()).get('boiler/water-temp')?.quality === 'good';
  await site.until(isThere, 'a value at the hub');
});
afterAll(() => site?.stop());

describe('the simulator', () => {
  test('answers a Modbus client that is not ours', async () => {
    const client = new modbusSerial.default();
    await client.connectTCP('127.0.0.1', { port: Number(site.endpoint('tcp-plc').split(':').at(-1)) });
    try {
      client.setID(3);
      client.setTimeout(2000);
      const { data } = await client.readHoldingRegisters(40, 1);
      expect((data[0] as number) / 10).toBeGreaterThan(0);
      expect((data[0] as number) / 10).toBeLessThan(100);
      expect((await client.readDiscreteInputs(0, 1)).data[0]).toBe(false);
      await expect(client.readHoldingRegisters(9000, 1), 'there is no such register').rejects.toMatchObject({
        modbusCode: 2,
      });
      client.setID(99);
      await expect(client.readHoldingRegisters(40, 1), 'there is no such unit').rejects.toMatchObject({
        modbusCode: 11,
      });
    } finally {
      client.close(() => {});
    }
  });
});

describeWith('mosquitto_sub', "the gateway's event bus", () => {
  const listen = (topic: string, count: number, seconds = 10) => {
    const place = ['-h', '127.0.0.1', '-p', String(site.busPort)];
    const until = ['-C', String(count), '-W', String(seconds)];
    return runTool('mosquitto_sub', [...place, '-t', topic, ...until, '-F', '%r %t %p']);
  };

  test('tells readings to whoever subscribes', async () => {
    const { stdout, code } = await listen('sluice/boiler/water-temp', 3);
    expect(code).toBe(0);
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line.slice(line.indexOf('{'))));
    expect(messages).toHaveLength(3);
    for (const message of messages) expect(message).toMatchObject({ unit: '°C', quality: 'good' });
    expect(messages[0].value).toBeTypeOf('number');
    expect(messages[2].at).toBeGreaterThan(messages[0].at);
  });

  test('keeps the state of a device for those who come later', async () => {
    const { stdout } = await listen('sluice/+/status', 2);
    expect(stdout.trim().split('\n').sort()).toEqual([
      '1 sluice/boiler/status {"state":"online"}',
      '1 sluice/meter/status {"state":"online"}',
    ]);
  });

  test('takes nothing from anybody', async () => {
    const place = ['-h', '127.0.0.1', '-p', String(site.busPort)];
    let isListening = true;
    const seen = listen('sluice/boiler/#', 20).finally(() => {
      isListening = false;
    });
    let refused = 0;
    while (isListening) {
      const tell = [...place, '-q', '1', '-t', 'sluice/boiler/running/set', '-m', 'true'];
      expect((await runTool('mosquitto_pub', tell)).code).not.toBe(0);
      refused++;
      await pause(200);
    }
    const { stdout, code } = await seen;
    expect([code, refused > 1]).toEqual([0, true]);
    expect(stdout).toContain('sluice/boiler/water-temp');
    expect(stdout).not.toContain('/set');
  });
});

describeWith('mosquitto_pub', "the hub's broker", () => {
  /** An enrolled gateway's certificate, as `sluice join` leaves it; and one for the same name by the CA of another hub. */
  const own = () => join(site.dir, 'visitor', 'identity');
  const foreign = () => join(site.dir, 'foreign');

  beforeAll(async () => {
    await site.join('visitor', join(site.dir, 'visitor'));
    const { key, csr } = await createRequest('visitor');
    const ca = await Ca.open(join(site.dir, 'other-hub'), systemClock);
    mkdirSync(foreign());
    cpSync(join(own(), 'ca.crt'), join(foreign(), 'ca.crt'));
    await writeFile(join(foreign(), 'gateway.crt'), (await ca.issueGateway('visitor', csr)).pem);
    await writeFile(join(foreign(), 'gateway.key'), key, { mode: 0o600 });
  });

  function publish(topic: string, options: { certificate?: string; id?: string } = {}) {
    const { certificate, id = 'visitor' } = options;
    const place = ['-h', '127.0.0.1', '-p', String(site.mqttPort), '-V', '311', '-i', id];
    const tls = ['--cafile', join(own(), 'ca.crt')];
    const person = certificate
      ? ['--cert', join(certificate, 'gateway.crt'), '--key', join(certificate, 'gateway.key')]
      : [];
    return runTool('mosquitto_pub', [...place, ...tls, ...person, '-q', '1', '-t', topic, '-m', '{}']);
  }

  test('lets an enrolled gateway in, to its own branch', async () => {
    expect(await publish('sluice/v1/visitor/up/live', { certificate: own() })).toMatchObject({ code: 0 });
  });

  test('refuses whoever has no certificate', async () => {
    expect((await publish('sluice/v1/visitor/up/live')).code).not.toBe(0);
  });

  test('refuses a certificate of another CA', async () => {
    expect((await publish('sluice/v1/visitor/up/live', { certificate: foreign() })).code).not.toBe(0);
  });

  test('refuses another client id than the certificate names, and the branch of another gateway', async () => {
    const certificate = own();
    expect((await publish('sluice/v1/e2e/up/live', { certificate, id: 'e2e' })).code).not.toBe(0);
    expect((await publish('sluice/v1/e2e/up/live', { certificate })).code).not.toBe(0);
    expect(await site.shown(), 'the real one is not disturbed').toMatchObject({ state: 'online' });
  });

  test('is deaf without TLS', async () => {
    const place = ['-h', '127.0.0.1', '-p', String(site.mqttPort), '-i', 'visitor'];
    const { code } = await runTool('mosquitto_pub', [
      ...place,
      '-q',
      '1',
      '-t',
      'sluice/v1/visitor/up/live',
      '-m',
      '{}',
    ]);
    expect(code).not.toBe(0);
  });
});

describe('programs', () => {
  const point = 'e2e/boiler/water-temp';

  test('get history as CSV from the API', async () => {
    const ask = () => {
      const query = new URLSearchParams({ point, from: String(Date.now() - 60_000), to: String(Date.now()) });
      return fetch(`${site.url}/api/v1/readings?${query}`, { headers: { accept: 'text/csv' } });
    };
    await site.until(async () => (await (await ask()).text()).split('\r\n').length > 5, 'a few readings are stored');
    const answer = await ask();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    const [header, ...rows] = (await answer.text()).trimEnd().split('\r\n');
    expect(header).toBe('time,point,value,unit,quality,fault');
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) {
      expect(row).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00,e2e\/boiler\/water-temp,-?[\d.]+,°C,good,$/);
    }
  });

  test('look into the journal beside the running gateway, and when it has stopped', { timeout: 60_000 }, async () => {
    const status = async () => {
      const { code, stdout, text } = await sluice('journal', 'status', '--json', '--data', site.gatewayDir);
      expect(code, text).toBe(0);
      return JSON.parse(stdout.join('\n'));
    };
    const running = await status();
    expect(running).toMatchObject({ boot: expect.any(Number), failing: false, gaps: [] });
    expect(running.epochs).toHaveLength(1);
    expect(running.epochs[0].next).toBeGreaterThan(10);
    const shown = await sluice('journal', 'status', '--data', site.gatewayDir);
    expect(shown.text).toMatch(new RegExp(`epoch ${running.epochs[0].epoch}[^]*waiting[^]*declared lost {2}nothing`));

    expect(await site.gateway.kill()).toBe(0);
    const stopped = await status();
    expect(stopped.epochs[0].epoch).toBe(running.epochs[0].epoch);
    expect(stopped.epochs[0].next).toBeGreaterThan(running.epochs[0].next);
    site.startGateway();
    await site.until(async () => (await site.shown()).state === 'online', 'the gateway is back');
    const { journal } = await getJson<{ journal: unknown }>(`${site.gatewayUrl}/api/v1/status`);
    expect(journal, 'the same account over HTTP').toMatchObject({ epochs: [{ epoch: running.epochs[0].epoch }] });
  });

  test('export history with numbers beside the running hub', async () => {
    const { code, stdout, text } = await sluice('export', '--point', point, '--numbers', '--data', site.hubDir);
    expect(code, text).toBe(0);
    expect(stdout[0]).toBe('time,at,point,value,unit,quality,fault,epoch,seq');
    const numbers = stdout.slice(1).map((line) => Number(line.split(',').at(-1)));
    expect(numbers.length).toBeGreaterThan(2);
    expect(numbers, 'rising').toEqual([...new Set(numbers)].sort((one, other) => one - other));
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveFile } from '../../monitor/parts.ts';
import { EdgeCore } from '../partners/kubeedge/edge-core.ts';
import type { GivenDevice, GivenModel } from '../partners/kubeedge/objects.ts';
import { describeWith } from '../support/tools.ts';
import { FLAWLESS, judge } from './oracle.ts';
import { oraclePlant } from './oracle-plant.ts';
import { problemsOf, shoot } from './page-checks.ts';
import { getJson, pause, Site } from './site.ts';
import { type Language, type Size, TestBrowser } from './test-browser.ts';

const OUTAGE_MS = 60_000;
const POINTS = 100;
const PER_DEVICE = 50;
const DEVICES = POINTS / PER_DEVICE;

const plant = oraclePlant(POINTS, '100ms');
const folder = mkdtempSync(join(tmpdir(), 'kube-e2e-'));
const edgeCore = new EdgeCore(join(folder, 'dmi.sock'));
let site: Site;

/** What the simulator serves, as Device objects. */
const places = Array.from({ length: PER_DEVICE }, (_, place) => place);
const MODEL: GivenModel = { name: 'oracle', properties: places.map((place) => ({ name: `p${place}`, type: 'INT' })) };

function oracleDevice(unit: number): GivenDevice {
  const [ip, port] = site.endpoint('tcp-plc').replace('tcp://', '').split(':');
  return {
    ...{ name: `d${unit}`, model: 'oracle', config: { communicateMode: 'TCP', ip, port, slaveID: unit } },
    properties: places.map((place) => ({
      ...{ name: `p${place}`, collectCycle: 100 },
      visitors: { register: 'HoldingRegister', offset: place * 2, limit: 2 },
    })),
  };
}

beforeAll(async () => {
  await edgeCore.start();
  site = await Site.start({
    ...{ plant: plant.yaml, values: 'oracle', retryWithin: '5s' },
    gatewayPlant: `kubeedge: { enabled: true, dmiSocket: ${edgeCore.socket}, socket: ${join(folder, 'sluice.sock')} }\n`,
  });
  for (let unit = 1; unit <= DEVICES; unit++) edgeCore.seed(oracleDevice(unit), MODEL);
  const visitors = { register: 'HoldingRegistre', offset: 0 };
  edgeCore.seed({ ...oracleDevice(1), name: 'broken', properties: [{ name: 'p0', visitors }] }, MODEL);
});
afterAll(async () => {
  await site?.stop();
  edgeCore.stop();
  rmSync(folder, { recursive: true, force: true });
});

const good = async () => [...(await site.latest()).values()].filter(({ quality }) => quality === 'good').length;
const state = async () =>
  (await getJson<{ kubeedge: { mapper: string } }>(`${site.gatewayUrl}/api/v1/status`)).kubeedge.mapper;

describeWith('chromium', 'the page', () => {
  let chrome: TestBrowser;
  beforeAll(async () => {
    chrome = await TestBrowser.start();
    await site.until(async () => (await good()) === POINTS, 'every point of the Device objects at the hub');
  });
  afterAll(() => chrome?.stop());

  async function open(language: Language, size: Size): Promise<Page> {
    const [, page] = await chrome.open(language, size);
    await page.goto(`${site.url}/#/gateways/e2e`);
    await page.waitForSelector('[data-object="default/broken"]');
    return page;
  }

  test.each(['desktop', 'phone'] as const)(
    '%s: a device whose protocol another mapper took, and what is wrong beside the objects',
    async (size) => {
      const page = await open('ko', size);
      const kubeedge = { code: 'kube-refused', problem: { text: 'KubeEdge did not take it', action: 'Look.' } };
      // What a gateway with such troubles says; the mapper's own tests bring them about.
      await page.route(/\/api\/v1\/gateways(\?|$)/, async (route) => {
        const response = await route.fetch();
        const body = await response.json();
        for (const gateway of body.gateways ?? body) {
          gateway.kubeedge.contested = ['modbus'];
          gateway.kubeedge.devices[0].contested = true;
          gateway.kubeedge.others = ['', 'plant/mine'].map((id) => ({
            id,
            detail: '404 the device is not found',
            ...kubeedge,
          }));
        }
        await route.fulfill({ response, json: body });
      });
      await page.reload();
      await page.waitForSelector('[data-other="plant/mine"]');
      expect(await page.locator('[data-contested]').count()).toBe(1);
      expect(await page.locator('[data-contested="default/d1"]').textContent()).toContain('다른 매퍼');
      expect(await page.locator('[data-other=""]').textContent()).toMatch(/장치를 알 수 없는 메시지.*404/);
      await page.locator('[data-other="plant/mine"]').scrollIntoViewIfNeeded();
      await shoot(page, `kubeedge-contested-${size}`);
      expect(await problemsOf(page, size)).toEqual([]);
      // A question may be on its way through the route just now.
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.context().close();
    },
  );

  test.each([
    ['en', 'desktop', /register HoldingRegistre is none/, /Correct what is named/],
    ['ko', 'phone', /HoldingRegistre/, /Device 객체를 그대로 쓸 수 없음/],
  ] as const)('%s, %s: the mapper, each Device object, and why one is not read', async (language, size, why, words) => {
    const page = await open(language, size);
    expect(await page.locator('[data-mapper]').getAttribute('data-mapper')).toBe('registered');
    const row = await page.locator('[data-why="default/broken"]').textContent();
    expect(row).toMatch(why);
    expect(row).toMatch(words);
    await page.locator('[data-object="default/d1"] a').waitFor();
    await page.locator('[data-part="kubeedge"]').scrollIntoViewIfNeeded();
    await shoot(page, `kubeedge-${size}`);
    expect(await problemsOf(page, size)).toEqual([]);
    await page.context().close();
    expect(chrome.complaints).toEqual([]);
  });
});

test('hub and EdgeCore away for a minute: every reading of the Device objects is at the hub, once', {
  timeout: 300_000,
}, async () => {
  await site.until(async () => (await good()) === POINTS, 'every point at the hub');
  site.link.cut();
  edgeCore.crash();
  await site.until(async () => (await state()) === 'faulted', 'the mapper says that EdgeCore is away');
  await pause(OUTAGE_MS);
  await edgeCore.restart();
  await site.until(async () => (await state()) === 'registered', 'registered again');
  site.link.restore();
  await site.until(async () => (await site.shown()).state === 'online', 'online', 90_000);
  const journalled = await site.drain();
  await site.gateway.kill();
  expect(await site.hub.kill()).toBe(0);
  const verdict = await judge(archiveFile(site.hubDir), journalled, plant.pointOf);
  console.log(`hub and EdgeCore away for ${OUTAGE_MS / 1000} s: ${JSON.stringify(verdict)}`);
  expect(verdict).toMatchObject({ ...FLAWLESS, stored: verdict.journalled });
  expect(verdict.stored).toBeGreaterThan(POINTS * 300);
  expect(edgeCore.rejected).toBe(0);
});

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CountingSlave } from '../support/counting-slave.ts';
import { describeWith } from '../support/tools.ts';
import { keyFor } from './make-round.ts';
import { problemsOf, shoot } from './page-checks.ts';
import { Site } from './site.ts';
import { type Size, TestBrowser, withKey } from './test-browser.ts';

/** The simulator serves a line that nobody asks: what is written is counted by a device in this process. */
const IDLE = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc }
devices:
  - { name: idle, channel: tcp-plc, every: 1s, points: { v: { address: { table: holding, register: 1, type: int16 } } } }
`;
const plantOf = (port: string) => `managed: hub
channels:
  - { name: tcp-plc, driver: modbus-tcp, port: "${port}", timeout: 10s }
devices:
  - name: boiler
    channel: tcp-plc
    every: 200ms
    title: { en: Boiler <b>, ko: 보일러 <b> }
    points:
      setpoint: { title: { en: Set point, ko: 설정 온도 }, unit: °C, address: { table: holding, register: 40, type: int16, scale: 0.1 }, writable: true, min: 20, max: 80, step: 0.5 }
      valve: { title: { en: Valve, ko: 밸브 }, address: { table: holding, register: 42, type: uint16 }, writable: true, dangerous: true, enum: { 0: { en: closed, ko: 닫힘 }, 1: { en: open, ko: 열림 } } }
      night: { title: { en: Night, ko: 야간 }, unit: °C, address: { table: holding, register: 43, type: int16 }, writable: true, min: 5, max: 30 }
`;

describeWith('chromium', 'values written from the page', () => {
  let site: Site;
  let slave: CountingSlave;
  let chrome: TestBrowser;

  beforeAll(async () => {
    slave = await CountingSlave.start();
    slave.registers.set(40, 400);
    slave.registers.set(43, 16);
    site = await Site.start({ plant: IDLE, gatewayPlant: plantOf(slave.port) });
    chrome = await TestBrowser.start();
    await site.until(async () => (await site.latest()).has('boiler/valve'), 'a value at the hub');
  });
  afterAll(async () => {
    await chrome?.stop();
    await site?.stop();
    await slave?.stop();
  });

  async function expectUsable(page: Page, size: Size, name: string): Promise<void> {
    await shoot(page, `${name}-${size}`);
    const found = await problemsOf(page, size);
    expect(found, name).toEqual([]);
  }

  const machine = () => `${site.url}/#/equipment/e2e/boiler`;

  test('a value is set on the face of its machine, and the dialog says what became of it', async () => {
    const [context, page] = await chrome.open('en', 'desktop');
    await page.goto(machine());
    await page.locator('[data-set="e2e/boiler/setpoint"]').click();
    await page.getByLabel('New value').fill('55.5');
    await page.getByLabel('Only if it still holds 40').check();
    await expectUsable(page, 'desktop', 'set');
    await page.getByRole('button', { name: 'Write', exact: true }).click();
    await page.locator('dialog [data-outcome=done]').filter({ hasText: '55.5' }).waitFor();
    expect(slave.count(40, 555)).toBe(1);
    await page.getByLabel('New value').fill('60.3');
    await page.getByRole('button', { name: 'Write', exact: true }).click();
    expect(await page.getByLabel('New value').evaluate((field: HTMLInputElement) => field.checkValidity())).toBe(false);
    await context.close();
  });

  test('a dangerous value is named and said twice: Korean, on a phone', async () => {
    const [context, page] = await chrome.open('ko', 'phone');
    await page.goto(machine());
    await page.locator('[data-set="e2e/boiler/valve"]').click();
    await page.getByLabel('새 값').selectOption('1');
    await page.getByRole('button', { name: '계속' }).click();
    await page.locator('.set-danger').waitFor();
    await page.locator('[data-held]', { hasText: '닫힘 → 열림' }).waitFor();
    await page.locator('dialog .facts', { hasText: '보일러 <b>' }).waitFor();
    await page.getByLabel('값 다시 입력').selectOption('0');
    expect(await page.getByRole('button', { name: '쓰기', exact: true }).isDisabled()).toBe(true);
    await page.getByLabel('값 다시 입력').selectOption('1');
    await expectUsable(page, 'phone', 'danger');
    await page.getByRole('button', { name: '쓰기', exact: true }).click();
    await page.locator('dialog [data-outcome=done]').waitFor();
    expect(slave.count(42, 1)).toBe(1);
    await context.close();
  });

  test('configuration, twin and command made while the gateway is unplugged take effect when it returns', {
    timeout: 120_000,
  }, async () => {
    await site.gateway.kill();
    const [context, page] = await chrome.open('en', 'desktop');
    await page.goto(`${site.url}/#/gateways/e2e/config`);
    const text = page.locator('#config-text');
    await text.waitFor();
    await text.fill(
      (await text.inputValue())
        .replace('max: 30 }', 'max: 30, title: Night value }')
        .replace('title: { en: Night, ko: 야간 }, ', ''),
    );
    await page.getByRole('button', { name: 'Save and send' }).click();
    await page.locator('[data-phase=wanted]').waitFor();

    await page.goto(machine());
    await page.locator('[data-set="e2e/boiler/night"]').click();
    await page.getByLabel('New value').fill('18');
    await page.getByLabel('It is wanted from now on').check();
    await page.getByRole('button', { name: 'Write', exact: true }).click();
    await page.getByText('It is wanted now.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('[data-twin=night][data-state=pending]').waitFor();

    await page.locator('[data-set="e2e/boiler/setpoint"]').click();
    await page.getByLabel('New value').fill('61');
    await page.getByLabel('If the gateway is away, wait').selectOption('1h');
    await page.getByRole('button', { name: 'Write', exact: true }).click();
    await page.locator('dialog [data-outcome=pending]').waitFor();
    await expectUsable(page, 'desktop', 'unplugged');

    site.startGateway();
    await page.locator('dialog [data-outcome=done]').waitFor({ timeout: 40_000 });
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('[data-twin=night][data-state=held]').waitFor({ timeout: 20_000 });
    await page.locator('[data-twin=night]').filter({ hasText: 'Night value' }).waitFor();
    expect([slave.count(40, 610), slave.count(43, 18)]).toEqual([1, 1]);
    slave.registers.set(43, 25);
    await page.locator('[data-twin=night][data-state=drift]').waitFor();
    await expectUsable(page, 'desktop', 'drift');
    await page.goto(`${site.url}/#/commands`);
    await page.locator('[data-command] [data-outcome=done]').first().waitFor();
    await expectUsable(page, 'desktop', 'list');
    await context.close();
  });

  test('the list and the card on a phone, in Korean', async () => {
    const [context, page] = await chrome.open('ko', 'phone');
    await page.goto(`${site.url}/#/commands`);
    await page.locator('[data-command]').first().waitFor();
    await expectUsable(page, 'phone', 'list');
    await page.goto(machine());
    await page.locator('[data-twin]').first().waitFor();
    await expectUsable(page, 'phone', 'card');
    await context.close();
  });

  test('who may only look finds no button', async () => {
    const [context, page] = await chrome.open('en', 'desktop', withKey(await keyFor(site, 'viewer')));
    await page.goto(machine());
    await page.locator('[data-twin=setpoint]').waitFor();
    expect(await page.locator('[data-set]').count()).toBe(0);
    await context.close();
  });

  test('nothing threw, and nothing broke the policy', () => expect(chrome.complaints).toEqual([]));
});

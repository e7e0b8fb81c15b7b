import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { keyFor } from './make-round.ts';
import { problemsOf, shoot } from './page-checks.ts';
import { Site } from './site.ts';
import { GATEWAY } from './site-config.ts';
import { type Language, type Size, TestBrowser, withKey } from './test-browser.ts';

const PLANT = `managed: hub
channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - { name: meter-a, channel: tcp-plc, unitId: 1, every: 200ms, points: { v: { address: { table: holding, register: 1, type: int16 } } } }
`;
describeWith('chromium', 'one change for many gateways, from the page', () => {
  let site: Site;
  let chrome: TestBrowser;
  let key: string;
  const text = async () => {
    const path = `/api/v1/gateways/${GATEWAY}/config`;
    return (await site.json<{ applied: { text: string | null } | null }>(path)).applied?.text ?? '';
  };

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
    key = await keyFor(site, 'admin');
    chrome = await TestBrowser.start();
    await site.until(async () => (await site.latest()).has('meter-a/v'), 'a value at the hub');
    const schema = `/api/v1/gateways/${GATEWAY}/config/schema`;
    await site.until(
      async () => (await site.json<{ document: object | null }>(schema)).document !== null,
      'what the gateway can be told',
    );
    await site.until(async () => (await text()).includes('meter-a'), 'what the gateway works with');
  });
  afterAll(async () => {
    await chrome?.stop();
    await site?.stop();
  });

  const open = (language: Language, size: Size) => chrome.open(language, size, withKey(key));

  async function expectUsable(page: Page, size: Size, name: string): Promise<void> {
    await shoot(page, `${name}-${size}`);
    expect(await problemsOf(page, size), name).toEqual([]);
  }

  async function draft(page: Page, name: string, change: string): Promise<void> {
    await page.goto(`${site.url}/#/rollouts/new`);
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Watch each ring for').fill('0s');
    await page.getByLabel('The change, as YAML').fill(change);
    await page.getByRole('button', { name: 'Preview' }).click();
  }

  test('a group is made, a change previewed, rolled out, and taken back', { timeout: 60_000 }, async () => {
    const [context, page] = await open('en', 'desktop');
    await page.goto(`${site.url}/#/gateways`);
    await page.getByRole('link', { name: 'Rollouts' }).click();
    await page.getByRole('link', { name: 'New group' }).click();
    await page.getByLabel('Name of the group').fill('All plants');
    await page.getByRole('group', { name: 'Gateways', exact: true }).getByLabel(GATEWAY, { exact: true }).check();
    await expectUsable(page, 'desktop', 'group');
    await page.getByRole('button', { name: 'Save the group' }).click();
    await page.getByRole('link', { name: 'All plants' }).waitFor();

    await draft(page, 'slower', 'devices: { "meter-*": { evry: 400ms } }');
    await page.locator(`[data-planned="${GATEWAY}"]`).filter({ hasText: 'does not fit' }).waitFor();
    expect(await page.getByRole('button', { name: 'Begin' }).isDisabled()).toBe(true);

    await page.getByLabel('The change, as YAML').fill('devices: { "meter-*": { every: 400ms } }');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.locator('.diff-come').filter({ hasText: 'every: 400ms' }).waitFor();
    await expectUsable(page, 'desktop', 'preview');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.locator('[data-state=done]').waitFor();
    await page.locator(`[data-member="${GATEWAY}"][data-state=good]`).waitFor();
    await expectUsable(page, 'desktop', 'rollout');
    expect(await text()).toContain('every: 400ms');

    await page.getByRole('button', { name: 'Take back' }).click();
    await page.locator('[data-sure=revert]').click();
    await page.locator(`[data-member="${GATEWAY}"][data-state=reverted]`).waitFor();
    expect(await text()).toContain('every: 200ms');
    await context.close();
  });

  test('it halts when the gateway refuses, and says why', { timeout: 60_000 }, async () => {
    const [context, page] = await open('en', 'desktop');
    await draft(page, 'no alarms', 'devices: { meter-a: { withoutAlarms: [nosuch] } }');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.locator('section > p > [data-state=halted]').waitFor();
    await page.getByText('the gateway refused it').waitFor();
    await expectUsable(page, 'desktop', 'halted');
    await context.close();
  });

  test('certificates of a gateway: until when, and revoked with its connection', { timeout: 60_000 }, async () => {
    const [context, page] = await open('en', 'desktop');
    await page.goto(`${site.url}/#/gateways/${GATEWAY}`);
    await page.locator('[data-certificate][data-state=used]').waitFor();
    await page.getByRole('button', { name: 'Revoke all' }).click();
    await expectUsable(page, 'desktop', 'revoke');
    await page.locator('[data-sure=revoke]').click();
    await page.locator('[data-certificate][data-state=revoked]').waitFor();
    await site.until(async () => (await site.shown()).state === 'offline', 'it is shut out');
    await expectUsable(page, 'desktop', 'certificates');
    await context.close();
  });

  test('on a phone, in Korean', { timeout: 60_000 }, async () => {
    const [context, page] = await open('ko', 'phone');
    await page.goto(`${site.url}/#/rollouts`);
    await page.locator('[data-rollout="2"]').waitFor();
    await expectUsable(page, 'phone', 'rollouts');
    for (const [hash, shown] of [
      ['#/rollouts/2', '[data-member]'],
      ['#/rollouts/new', 'textarea'],
      ['#/rollouts/group', '.rollout-form fieldset'],
      [`#/gateways/${GATEWAY}`, '[data-certificate]'],
    ] as const) {
      await page.goto(`${site.url}/${hash}`);
      await page.locator(shown).first().waitFor();
      await expectUsable(page, 'phone', hash.replaceAll(/\W+/g, '-'));
    }
    await context.close();
    expect(chrome.complaints).toEqual([]);
  });
});

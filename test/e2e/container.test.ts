import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quickDevice } from '../../bench/baselines.ts';
import { systemClock } from '../../core/clock.ts';
import { SELF } from '../../gateway/self/self-device.ts';
import { must } from '../support/chroot.ts';
import { bytesOf, type Image } from '../support/chroot-image.ts';
import { GatewayInImage, imageIn } from '../support/gateway-in-image.ts';
import { HubBeside, isDrained } from '../support/hub-beside.ts';
import { thousandPoints, thousandProperties } from '../support/thousand-points.ts';
import { describeIf, hasTool } from '../support/tools.ts';

const MOST_BYTES = 260e6;
const MOST_RSS_MB = 120;
/** A mapper with a hub does not keep the goal of 120 yet: so that it does not grow further. */
const MOST_OF_BOTH_MB = 126;
/** By then what the start took is given back; docs/performance.md has later figures. */
const SETTLED_MS = 20_000;
const BUILD_MS = 600_000;

const canChroot = process.getuid?.() === 0 && ['debootstrap', 'unshare', 'setpriv'].every(hasTool);

describeIf(canChroot, 'debootstrap as root', 'the container', () => {
  let work: string;
  let image: Image;

  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'sluice-container-'));
    image = imageIn(work);
  }, BUILD_MS);

  afterAll(() => rmSync(work, { recursive: true, force: true }), BUILD_MS);

  test('is small, and holds nothing that builds and nothing for other machines', () => {
    const bytes = bytesOf(image.root);
    console.log(`container for the gateway, amd64: ${(bytes / 1e6).toFixed(0)} MB with Debian and Node`);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    for (const tool of ['gcc', 'cc', 'make', 'python3', 'npm', 'curl'])
      expect(spawnSync('chroot', [image.root, 'which', tool]).status, tool).not.toBe(0);
    const files = readdirSync(join(image.root, 'opt/sluice'), { recursive: true, encoding: 'utf8' });
    const built = files.filter((file) => file.endsWith('.node'));
    expect(built.length).toBeGreaterThanOrEqual(2);
    for (const file of built) expect(must('file', '-b', join(image.root, 'opt/sluice', file))).toContain('x86-64');
    expect(files.filter((file) => /\.(ts|map|test\.js)$/.test(file))).toEqual([]);
  });

  test('works with a read-only root, as its own user', async () => {
    const gateway = await GatewayInImage.start(image, { work, config: '' });
    expect(gateway.who).toEqual({ uid: 10_001, gid: 10_001, groups: [20] });
    await isWithoutRights(gateway);
  }, 120_000);

  test('works as root without capabilities, for a DMI socket of root', async () => {
    const gateway = await GatewayInImage.start(image, { work, config: '', kubeedge: () => {} });
    // One of each of its protocols, `modbus` and `sluice`.
    const registered = () => gateway.edgeCore?.mappers.size === 2;
    for (let tries = 0; !registered() && tries < 300; tries++) await systemClock.sleep(100);
    expect(registered()).toBe(true);
    await isWithoutRights(gateway);
  }, 120_000);

  test('takes at most 120 MB with 1,000 points a second, as a mapper of KubeEdge or with a hub that has it all; some more as both', async () => {
    const device = await quickDevice();
    const hubs = [await HubBeside.start(work), await HubBeside.start(work)] as const;
    const kubeedge = thousandProperties(device.port);
    const gateways = [
      await GatewayInImage.start(image, { work, config: thousandPoints(device.port) }),
      await GatewayInImage.start(image, { work, config: '', kubeedge }),
      await GatewayInImage.start(image, { work, config: thousandPoints(device.port), hub: await hubs[0].joined('g') }),
      await GatewayInImage.start(image, { work, config: '', kubeedge, hub: await hubs[1].joined('g') }),
    ];
    await systemClock.sleep(SETTLED_MS);
    const taken = gateways.map(({ rssMb }) => Math.round(rssMb));
    const allGood = async () => (await Promise.all(gateways.map(goodPoints))).every((count) => count === 1000);
    const allDrained = async () => (await Promise.all(gateways.map(isDrained))).every(Boolean);
    await expect.poll(allGood, { timeout: 30_000 }).toBe(true);
    await expect.poll(allDrained, { timeout: 30_000 }).toBe(true);
    for (const gateway of gateways) await gateway.stop();
    for (const hub of hubs) await hub.stop();
    device.stop();
    const [plain = 0, mapper = 0, linked = 0, both = 0] = taken;
    console.log(`memory with 1,000 points: ${plain} MB, as a mapper ${mapper} MB; with a hub ${linked} and ${both} MB`);
    for (const { archive } of hubs) expect(archive.records).toBeGreaterThan(10_000);
    expect(Math.max(plain, mapper, linked)).toBeLessThanOrEqual(MOST_RSS_MB);
    expect(both, 'more than that in its first minutes: docs/performance.md').toBeLessThanOrEqual(MOST_OF_BOTH_MB);
  }, 240_000);

  test.each([
    ['hub', '-c', '/etc/sluice/hub.yaml'],
    ['token', 'create', '--gateway', 'g'],
    ['demo', '--data', '/tmp/demo'],
  ])('sluice %s says that it is not in the image, and where it is', (...verb) => {
    const { status, stderr } = spawnSync('chroot', [image.root, 'sluice', ...verb], { encoding: 'utf8' });
    rmSync(join(image.root, 'tmp/demo'), { recursive: true, force: true });
    expect(status).toBe(1);
    expect(stderr).toMatch(/This installation is for gateways alone: \S+ is not in it\n.*FOR=all/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

async function isWithoutRights(gateway: GatewayInImage): Promise<void> {
  const { status, who, volume } = gateway;
  expect(await gateway.stop()).toBe(0);
  expect(status).toMatch(/CapEff:\s*0{16}/);
  expect(status).toMatch(new RegExp(`Uid:\\s*${who.uid}\\s`));
  expect(status).toMatch(/Groups:\s*20\b/);
  expect(readdirSync(volume)).toContain('journal');
  expect(statSync(join(volume, 'journal')).uid).toBe(who.uid);
}

/** Points of its devices that have a good reading now. */
async function goodPoints(gateway: GatewayInImage): Promise<number> {
  const latest = (await (await fetch(`${gateway.url}/api/v1/latest`)).json()) as { point: string; quality: string }[];
  return latest.filter(({ point, quality }) => quality === 'good' && !point.startsWith(`${SELF}/`)).length;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayInImage, type Given, imageIn } from '../test/support/gateway-in-image.ts';
import { HubBeside, isDrained } from '../test/support/hub-beside.ts';
import { thousandPoints, thousandProperties } from '../test/support/thousand-points.ts';
import { quickDevice } from './baselines.ts';
import type { Bench, Row } from './report.ts';

/** Minutes after the start. */
const MARKS = [1, 5];
const MOST_MB = 120;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export const bench: Bench = {
  name: 'memory of a gateway in its container, 1,000 points a second; needs root and debootstrap',
  async run(): Promise<readonly Row[]> {
    const work = mkdtempSync(join(tmpdir(), 'sluice-container-'));
    const device = await quickDevice();
    const image = imageIn(work);
    const points = thousandPoints(device.port);
    const hubs = [await HubBeside.start(work), await HubBeside.start(work)] as const;
    const kubeedge = thousandProperties(device.port);
    const links = [await hubs[0].joined('g'), await hubs[1].joined('g')] as const;
    const kinds: readonly (readonly [string, Omit<Given, 'work'>])[] = [
      ['devices of gateway.yaml', { config: points }],
      ['a mapper of KubeEdge', { config: '', kubeedge }],
      ['devices of gateway.yaml, with a hub', { config: points, hub: links[0] }],
      ['a mapper of KubeEdge, with a hub', { config: '', kubeedge, hub: links[1] }],
    ];
    const gateways: (readonly [string, GatewayInImage])[] = [];
    for (const [what, given] of kinds) gateways.push([what, await GatewayInImage.start(image, { work, ...given })]);
    const rows: Row[] = [];
    const began = performance.now();
    const cpu = async (gateway: GatewayInImage) =>
      Number(/^process_cpu_seconds_total ([\d.]+)/m.exec(await gateway.metrics())?.[1]);
    const before = new Map<GatewayInImage, number>();
    for (const minutes of MARKS) {
      await sleep(minutes * 60_000 - (performance.now() - began));
      for (const [what, gateway] of gateways) {
        const after = minutes === 1 ? 'a minute' : `${minutes} minutes`;
        const goal = { of: 'value', most: MOST_MB } as const;
        rows.push({ what: `${what}: after ${after}`, value: gateway.rssMb, unit: 'MB RSS', goal });
        if (!(await isDrained(gateway))) throw new Error(`${what}: the hub has not all of it after ${after}`);
        if (minutes === MARKS[0]) before.set(gateway, await cpu(gateway));
      }
    }
    const seconds = ((MARKS.at(-1) as number) - (MARKS[0] as number)) * 60;
    for (const [what, gateway] of gateways) {
      const used = (await cpu(gateway)) - (before.get(gateway) ?? 0);
      rows.push({ what: `${what}: CPU`, value: (100 * used) / seconds, unit: '% of a core' });
      await gateway.stop();
    }
    for (const hub of hubs) await hub.stop();
    device.stop();
    rmSync(work, { recursive: true, force: true });
    return rows;
  },
};

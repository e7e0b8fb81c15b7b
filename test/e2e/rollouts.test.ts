import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyFor } from './make-round.ts';
import { pause, Site } from './site.ts';
import { GATEWAY } from './site-config.ts';

const PLANT = `managed: hub
channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - { name: meter, channel: tcp-plc, unitId: 1, every: 200ms, points: { v: { address: { table: holding, register: 1, type: int16 } } } }
`;
/** SLUICE_ROLLOUT_TRIALS=50 for the long run. */
const TRIALS = Number(process.env.SLUICE_ROLLOUT_TRIALS ?? 2);

interface Config {
  readonly phase: string;
  readonly versions: readonly { readonly version: number; readonly savedBy: string }[];
  readonly applied: { readonly text: string | null } | null;
}

describe('a rollout while the hub is killed', () => {
  let site: Site;
  let key: string;
  const config = () => site.json<Config>(`/api/v1/gateways/${GATEWAY}/config`);
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${site.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as { id: number } };
  };

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
    key = await keyFor(site, 'admin');
    await site.until(
      async () => (await config()).applied?.text?.includes('meter') === true,
      'what the gateway works with',
    );
    const schema = `/api/v1/gateways/${GATEWAY}/config/schema`;
    const isThere = async () => (await site.json<{ document: object | null }>(schema)).document !== null;
    await site.until(isThere, 'what the gateway can be told');
    await post('/documents/gateway-group/all', { from: 0, body: { name: 'All', gateways: [GATEWAY] } });
  });
  afterAll(() => site?.stop());

  test(
    `${TRIALS} rollouts, the hub killed at a random instant of each: one version each`,
    async () => {
      for (let trial = 0; trial < TRIALS; trial++) {
        await site.until(async () => (await site.shown()).state === 'online', 'the gateway is there', 60_000);
        const every = `${300 + trial}ms`;
        const asked = {
          name: `trial ${trial}`,
          group: 'all',
          soak: '0s',
          change: `devices: { "*": { every: ${every} } }`,
        };
        const { status, body } = await post('/rollouts', asked);
        expect(status, JSON.stringify(body)).toBe(201);
        await pause(Math.random() * 1500);
        await site.hub.kill('SIGKILL');
        site.startHub();
        await site.hubReady();
        const isDone = async () => (await site.json<{ state: string }>(`/api/v1/rollouts/${body.id}`)).state === 'done';
        await site.until(isDone, `rollout ${trial} is done`, 60_000);
        const { versions, applied, phase } = await config();
        expect([phase, versions.filter(({ version }) => version > 0).length]).toEqual(['applied', trial + 1]);
        expect(applied?.text).toContain(`every: ${every}`);
      }
    },
    60_000 + TRIALS * 60_000,
  );
});

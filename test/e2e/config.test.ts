import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyFor } from './make-round.ts';
import { pause, Site } from './site.ts';
import { GATEWAY } from './site-config.ts';

const PLANT = `managed: hub
channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - { name: a, channel: tcp-plc, unitId: 1, every: 200ms, points: { v: { address: { table: holding, register: 1, type: int16 } } } }
  - { name: b, channel: tcp-plc, unitId: 2, every: 200ms, points: { v: { address: { table: holding, register: 1, type: int16 } } } }
`;

/** SLUICE_CONFIG_TRIALS=100 for the long run. */
const TRIALS = Number(process.env.SLUICE_CONFIG_TRIALS ?? 5);

interface ConfigShown {
  readonly phase: string;
  readonly managed: string | null;
  readonly wanted: { readonly version: number; readonly text: string; readonly savedBy: string } | null;
  readonly applied: { readonly version: number; readonly text: string | null } | null;
  readonly outcomes: readonly { readonly version: number; readonly outcome: string; readonly code?: string }[];
  readonly lastRefusal: { readonly problems?: readonly { readonly line: number; readonly message: string }[] } | null;
}

describe('a configuration from the hub', () => {
  let site: Site;
  let key: string;
  const path = `/api/v1/gateways/${GATEWAY}/config`;
  const shown = () => site.json<ConfigShown>(path);
  const put = async (from: number, text: string) => {
    const answer = await fetch(`${site.url}${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ from, text }),
    });
    return {
      status: answer.status,
      body: (await answer.json()) as {
        version?: number;
        code?: string;
        problems?: { line: number; message: string; suggestion?: string }[];
      },
    };
  };
  const wants = async (change: (text: string) => string): Promise<number> => {
    const { wanted, applied } = await shown();
    const { status, body } = await put(wanted?.version ?? 0, change(wanted?.text ?? applied?.text ?? ''));
    expect(body).toMatchObject({ version: expect.any(Number) });
    expect(status).toBe(200);
    return body.version as number;
  };
  const reaches = (version: number, phase = 'applied', ms = 10_000) =>
    site.until(
      async () => {
        const { phase: now, wanted } = await shown();
        return wanted?.version === version && now === phase;
      },
      `version ${version} is ${phase}`,
      ms,
    );

  beforeAll(async () => {
    site = await Site.start({ plant: PLANT });
    key = await keyFor(site, 'admin');
    await site.until(async () => (await site.latest()).has('b/v'), 'a value at the hub');
  });
  afterAll(() => site?.stop());

  test('begins with what the file of the gateway holds', async () => {
    await site.until(async () => (await shown()).applied?.text?.includes('tcp-plc') === true, 'the text is there');
    expect(await shown()).toMatchObject({ phase: 'own', managed: 'hub', wanted: null, applied: { version: 0 } });
  });

  test('is applied while the rest goes on, and one value more is on the screen', async () => {
    const version = await wants(
      (text) =>
        `${text.trimEnd()}\n  - { name: c, channel: tcp-plc, unitId: 1, every: 200ms, points: { w: { unit: V, address: { table: holding, register: 1, type: int16 } } } }\n`,
    );
    await reaches(version);
    await site.until(async () => (await site.latest()).get('c/w')?.quality === 'good', 'the value of the new device');
    expect((await shown()).outcomes.filter((each) => each.version === version)).toMatchObject([{ outcome: 'applied' }]);
  });

  test('that does not fit the schema is refused at once, with line and suggestion', async () => {
    const { wanted } = await shown();
    const from = wanted?.version ?? 0;
    const schema = async () => (await site.json<{ document: object | null }>(`${path}/schema`)).document;
    await site.until(async () => (await schema()) !== null, 'the gateway has published its schema');
    const { status, body } = await put(
      from,
      'channels: []\ndevices:\n  - { name: x, chanel: y, profile: eastron/sdm63 }\n',
    );
    expect(status).toBe(422);
    expect(body.code).toBe('settings-invalid');
    expect(body.problems).toContainEqual(
      expect.objectContaining({ line: 3, message: 'unknown key `chanel`', suggestion: 'did you mean `channel`?' }),
    );
    expect(body.problems).toContainEqual(
      expect.objectContaining({ line: 3, message: 'there is no profile `eastron/sdm63`' }),
    );
    expect((await put(from - 1, wanted?.text ?? '')).body.code).toBe('document-changed');
  });

  test('that only the gateway can judge is refused by it, and what works goes on working', async () => {
    const version = await wants((text) => text.replace('unitId: 2', 'unitId: 2, withoutAlarms: [nosuch]'));
    await reaches(version, 'refused');
    await site.until(async () => (await shown()).lastRefusal !== null, 'the reason is there');
    expect((await shown()).lastRefusal?.problems?.[0]?.message).toContain('nosuch');
    expect((await shown()).applied?.version).toBe(version - 1);
    const before = (await site.latest()).get('c/w')?.at ?? 0;
    await site.until(async () => ((await site.latest()).get('c/w')?.at ?? 0) > before, 'it goes on');
  });

  test('wanted while the gateway is away, with kills on both sides, is applied once and soon after it returns', {
    timeout: TRIALS * 60_000,
  }, async () => {
    const took: number[] = [];
    for (let trial = 0; trial < TRIALS; trial++) {
      await site.gateway.kill();
      const version = await wants(() => PLANT_AT(site, 300 + trial));
      await site.hub.kill();
      site.startHub();
      await site.hubReady();
      site.startGateway();
      // Again somewhere on its way.
      await pause(300 + ((trial * 137) % 700));
      if (trial % 2 === 0) {
        await site.gateway.kill();
        site.startGateway();
      }
      await site.until(async () => (await site.shown()).state === 'online', 'it is back', 60_000);
      const back = performance.now();
      await reaches(version, 'applied', 60_000);
      took.push(performance.now() - back);
      await site.until(
        async () => (await shown()).outcomes.some((each) => each.version === version),
        'its outcome is stored',
      );
      expect((await shown()).outcomes.filter((each) => each.version === version)).toMatchObject([
        { outcome: 'applied' },
      ]);
    }
    took.sort((a, b) => a - b);
    console.log(
      `applied ${took.length} of ${TRIALS}, half of them within ${Math.round(took[took.length >> 1] ?? 0)} ms, slowest ${Math.round(Math.max(...took))} ms after the gateway was back`,
    );
    expect(Math.max(...took)).toBeLessThan(5000);
  });

  test('is there without a link: a gateway starts with what it was given', { timeout: 90_000 }, async () => {
    const { wanted } = await shown();
    await site.gateway.kill();
    site.link.cut();
    site.startGateway();
    await site.until(async () => {
      const answer = await fetch(`${site.gatewayUrl}/api/v1/latest`);
      return ((await answer.json()) as { point: string }[]).some(({ point }) => point === 'late/v');
    }, 'the device of the last version is polled');
    site.link.restore();
    await reaches(wanted?.version ?? 0, 'applied', 60_000);
  });
});

/** A plant whose one device is asked in another rhythm each time. */
function PLANT_AT(site: Site, everyMs: number): string {
  return `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: "${site.endpoint('tcp-plc')}", timeout: 1s }
devices:
  - { name: late, channel: tcp-plc, unitId: 1, every: ${everyMs}ms, points: { v: { address: { table: holding, register: 1, type: int16 } } } }
`;
}

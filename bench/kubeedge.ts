import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../cli/demo/free-ports.ts';
import { quietLog } from '../core/log.ts';
import { Metrics } from '../core/metrics.ts';
import { runGateway } from '../gateway/app.ts';
import { loadGatewaySettings } from '../gateway/settings.ts';
import { EdgeCore } from '../test/partners/kubeedge/edge-core.ts';
import { NodeBroker } from '../test/partners/kubeedge/event-bus.ts';
import { CountingSlave } from '../test/support/counting-slave.ts';
import { fastClock } from '../test/support/fast-clock.ts';
import type { Bench, Row } from './report.ts';

const DEVICES = 200;
const PROPERTIES = 10;
/** Times the pace of the world: the gateway's clock and EdgeCore's limiter alike. Figures are in the world's seconds. */
const FASTER = 4;
const COLLECT_MS = 10_000;
const MEASURE_S = 120;
const GOAL_S = 60;
/** Where everything changes all the time over DMI: one call a second tells of one device, so a round of 200 takes 200 s; and what a call in eleven is for. */
const GOAL_OF_A_ROUND_S = 240;

/** What a device shows: which world's second it is, as far as it changes at all. */
interface Scene {
  readonly broker: boolean;
  /** Until all is told once, world's seconds. */
  readonly settleS: number;
  /** Is the device of this number at another value in this second? */
  readonly second: (device: number, now: number) => number;
}

interface Figures {
  /** The longest that a twin showed what no longer held, world's seconds. */
  readonly oldestS: number;
  readonly rejected: number;
  readonly calls: number;
  readonly seconds: number;
}

async function measure({ broker, second, settleS }: Scene): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-kube-'));
  const slave = await CountingSlave.start();
  const edgeCore = new EdgeCore(join(folder, 'dmi.sock'), { refillMs: 1000 / FASTER });
  await edgeCore.start();
  const node = await NodeBroker.start(edgeCore.twin);
  for (let i = 0; i < DEVICES; i++) edgeCore.seed(deviceOf(i, slave.port), MODEL);
  const began = performance.now();
  const now = () => ((performance.now() - began) * FASTER) / 1000;
  const shift = () => {
    for (let i = 0; i < DEVICES; i++) slave.registers.set(i, second(i, Math.floor(now())));
  };
  shift();
  const turn = setInterval(shift, 1000 / FASTER);
  const stop = new AbortController();
  const file = configOf(folder, edgeCore.socket, broker ? node.url : undefined, await freePorts(1));
  const deps = { clock: fastClock(FASTER), log: quietLog, metrics: new Metrics() };
  const running = runGateway(await loadGatewaySettings(file), stop.signal, deps);
  running.catch(() => {});
  const wait = (worldS: number) => new Promise((resolve) => setTimeout(resolve, (worldS * 1000) / FASTER));
  await wait(settleS);
  let oldestS = 0;
  const until = now() + MEASURE_S;
  while (now() < until) {
    await wait(5);
    for (let i = 0; i < DEVICES; i++) {
      for (let p = 0; p < PROPERTIES; p++) oldestS = Math.max(oldestS, ageOf(i, p));
    }
  }
  /** Since when the device no longer holds what the twin shows. */
  function ageOf(device: number, property: number): number {
    const shown = Number(edgeCore.twin.twins.get(`default/d${device}/p${property}`)?.value ?? 0);
    for (let at = shown; at <= now(); at++) if (second(device, at) !== shown) return now() - at;
    return 0;
  }
  const seconds = now();
  clearInterval(turn);
  stop.abort();
  await running.catch(() => {});
  edgeCore.stop();
  await node.stop();
  await slave.stop();
  rmSync(folder, { recursive: true, force: true });
  const calls = Object.values(edgeCore.calls).reduce((sum, count) => sum + count, 0);
  return { oldestS, rejected: edgeCore.rejected, calls, seconds };
}

const properties = Array.from({ length: PROPERTIES }, (_, i) => `p${i}`);
const MODEL = { name: 'bench', properties: properties.map((name) => ({ name, type: 'INT' })) };

function deviceOf(index: number, port: string) {
  const [ip, number] = port.replace('tcp://', '').split(':');
  return {
    ...{ name: `d${index}`, model: 'bench', config: { ip, port: number, slaveID: 1 } },
    properties: properties.map((name) => ({
      ...{ name, collectCycle: COLLECT_MS },
      visitors: { register: 'HoldingRegister', offset: index, limit: 1 },
    })),
  };
}

function configOf(folder: string, dmi: string, broker: string | undefined, [http = 0]: readonly number[]): string {
  const file = join(folder, 'gateway.yaml');
  const more = broker === undefined ? '' : `, broker: { url: "${broker}" }`;
  writeFileSync(
    file,
    `gateway: bench
dataDir: ${join(folder, 'data')}
eventBus: false
self: false
http: { listen: "127.0.0.1:${http}" }
kubeedge: { enabled: true, dmiSocket: ${dmi}, socket: ${join(folder, 'sluice.sock')}, protocols: [modbus]${more} }
`,
  );
  return file;
}

/** Everything another value each second. */
const ALWAYS: Scene['second'] = (_device, now) => now;
/** A plant in ordinary life: each device another value every five minutes, spread evenly. */
const NOW_AND_THEN: Scene['second'] = (device, now) => {
  const phase = Math.floor((device * 300) / DEVICES);
  return Math.max(0, Math.floor((now - phase) / 300) * 300 + phase);
};

export const bench: Bench = {
  name: `a mapper of KubeEdge: ${DEVICES} devices with ${PROPERTIES} properties, one call a second for the node`,
  async run(): Promise<readonly Row[]> {
    const rows: Row[] = [];
    const add = (what: string, { oldestS, rejected, calls, seconds }: Figures, most: number) => {
      rows.push({ what: `${what}: oldest twin`, value: oldestS, unit: 's', goal: { of: 'value', most } });
      rows.push({ what: `${what}: calls refused`, value: rejected, unit: 'calls', goal: { of: 'value', most: 0 } });
      rows.push({ what: `${what}: calls`, value: calls / seconds, unit: 'calls/s' });
    };
    add(
      'over DMI, each device changes every 5 min',
      await measure({ broker: false, settleS: 900, second: NOW_AND_THEN }),
      GOAL_S,
    );
    add(
      'over DMI, everything changes each second',
      await measure({ broker: false, settleS: 500, second: ALWAYS }),
      GOAL_OF_A_ROUND_S,
    );
    add(
      "over the node's broker, everything changes each second",
      await measure({ broker: true, settleS: 90, second: ALWAYS }),
      GOAL_S,
    );
    return rows;
  },
};

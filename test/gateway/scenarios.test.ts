import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoConfig } from '../../cli/demo/plant.ts';
import { EVERYDAY, play, type Scenario } from '../../cli/demo/scenarios.ts';
import { obey } from '../../cli/simulate.ts';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import type { Rule } from '../../core/rules/rule.ts';
import { type Simulator, startSimulator } from '../../devices/simulator/simulator.ts';
import { runGateway } from '../../gateway/app.ts';
import { loadGatewaySettings } from '../../gateway/settings.ts';
import { RunningJournal } from '../support/journal-home.ts';
import { livedClock } from '../support/lived-clock.ts';
import { ownPort } from '../support/own-port.ts';

interface Told {
  readonly event: Extract<JournalEvent, { event: 'alarm' }>;
  readonly rule: Rule;
}

/** The demo's plant with its simulator, and a folder for the gateway. */
class Stage {
  readonly folder: string;
  readonly #file: string;
  readonly #httpPort: number;
  readonly #simulator: Simulator;

  static async build(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'scenario-'));
    const file = join(folder, 'gateway.yaml');
    const [httpPort, busPort] = [await ownPort(), await ownPort()];
    const given = { dataDir: join(folder, 'data'), httpPort, busPort };
    await writeFile(file, demoConfig({ ...given, ports: {} }));
    const { plant } = await loadGatewaySettings(file);
    const simulator = await startSimulator(plant, { clock: livedClock, log: quietLog });
    for (const line of EVERYDAY) obey(simulator, line);
    const ports = Object.fromEntries(simulator.endpoints.map(({ channel, port }) => [channel, port]));
    await writeFile(file, demoConfig({ ...given, ports }));
    return new Stage(folder, file, httpPort, simulator);
  }

  private constructor(folder: string, file: string, httpPort: number, simulator: Simulator) {
    this.folder = folder;
    this.#file = file;
    this.#httpPort = httpPort;
    this.#simulator = simulator;
  }

  /** The real gateway, while `scene` goes on. */
  async run(scene: (signal: AbortSignal, order: (line: string) => void) => Promise<void>): Promise<void> {
    const stop = new AbortController();
    const deps = { clock: livedClock, log: quietLog, metrics: new Metrics() };
    const running = runGateway(await loadGatewaySettings(this.#file), stop.signal, deps);
    while (!(await this.#isRead())) await livedClock.sleep(100);
    await livedClock.sleep(3000);
    await scene(stop.signal, (line) => obey(this.#simulator, line));
    stop.abort();
    await running;
  }

  /** Has every device answered? */
  async #isRead(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.#httpPort}/api/v1/status`).catch(() => undefined);
    const status = (await response?.json()) as { devices: { online: boolean | null }[] } | undefined;
    return status?.devices.every(({ online }) => online !== null) === true;
  }

  async events(): Promise<JournalEvent[]> {
    const { journal, close } = await RunningJournal.open(join(this.folder, 'data/journal')).then((running) => {
      return { journal: running.journal, close: () => running.close() };
    });
    const found: JournalEvent[] = [];
    for await (const { bytes } of journal.wholeFrames(journal.epoch)) {
      const frame = decodeFrame(Buffer.from(bytes));
      if (frame.kind === 'events') found.push(...frame.events);
    }
    await close();
    return found;
  }

  /** Alarms of the plant, each with its rule; how warm this machine is does not matter here. */
  async told(): Promise<Told[]> {
    const { plant } = await loadGatewaySettings(this.#file);
    const rules = new Map(
      plant.devices.flatMap(({ name, rules: own }) => own.map((rule) => [`${name}/${rule.id}`, rule])),
    );
    return (await this.events()).flatMap((event) => {
      if (event.event !== 'alarm' || event.device === 'gateway') return [];
      return [{ event, rule: rules.get(`${event.device}/${event.rule}`) as Rule }];
    });
  }

  /** Nothing of the plant can be reached any more. */
  cut(): Promise<void> {
    return this.#simulator.stop();
  }

  async strike(): Promise<void> {
    await this.cut();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What the gateway has journalled of alarms, a scenario and `ms` later. */
async function alarmsOf(scenario: Scenario, ms: number): Promise<Told[]> {
  const stage = await Stage.build();
  try {
    await stage.run(async (signal, order) => {
      await play(scenario, { order, say() {} }, livedClock, signal);
      await livedClock.sleep(ms);
    });
    const told = await stage.told();
    // In English and in Korean: what is wrong, and what to do.
    for (const { rule } of told)
      for (const { en, ko } of [rule.text, rule.action]) expect([en, ko]).toEqual([latin, hangul]);
    return told;
  } finally {
    await stage.strike();
  }
}

const latin = expect.stringMatching(/^[A-Z][^가-힣]+$/);
const hangul = expect.stringMatching(/[가-힣]/);

const inWords = (told: readonly Told[]) =>
  told
    .filter(({ event }) => !event.suppressed)
    .map(({ event, rule }) => `${event.device}: ${rule.priority}: ${event.active ? '' : 'over: '}${rule.text.ko}`);

describe('the demo raises what a facility engineer expects', () => {
  test.concurrent('nothing while all is well', { timeout: 180_000 }, async () => {
    expect(inWords(await alarmsOf('normal', 20_000))).toEqual([]);
  });

  test.concurrent('crac-failure', { timeout: 180_000 }, async () => {
    const told = await alarmsOf('crac-failure', 6000);
    expect(inWords(told).sort()).toEqual(
      [
        'crac-1: critical: 항온항습기: 풍량 상실',
        'crac-1: high: 항온항습기 종합 경보',
        'crac-1: critical: 항온항습기 정지 중 실내 온도 상승',
        'crac-1: high: 항온항습기: 실내 고온',
        'cold-aisle: high: 온도 급상승',
        'hot-aisle: high: 온도 급상승',
        'cold-aisle: high: 랙 흡기 온도 높음',
        'cold-aisle: critical: 랙 흡기 온도 위험',
      ].sort(),
    );
  });

  test.concurrent('leak: at the cable first, then under the air conditioner; its return to normal is told, and it is latched', {
    timeout: 180_000,
  }, async () => {
    const told = await alarmsOf('leak', 3000);
    expect(inWords(told)).toEqual([
      'leak-1: critical: 누수 감지',
      'crac-1: critical: 바닥 누수',
      'crac-1: high: 항온항습기 종합 경보',
      'leak-1: critical: over: 누수 감지',
    ]);
    expect(told.filter(({ rule }) => rule.latch).map(({ event }) => event.rule)).toEqual([
      'leak/equals',
      'water/equals',
      'leak/equals',
    ]);
  });

  test.concurrent('dead-slave: one alarm, of the meter that is silent', { timeout: 180_000 }, async () => {
    const told = await alarmsOf('dead-slave', 24_000);
    expect(inWords(told)).toEqual(['light-meter: high: 장치 응답 없음']);
    expect(told[0]?.rule).toMatchObject({
      text: { en: 'Device does not answer' },
      action: {
        en: 'Check power and wiring of the device, then its address and speed',
        ko: '장치의 전원과 배선을 확인하고, 주소와 통신 속도를 점검하십시오',
      },
    });
  });

  test.concurrent('a gateway that starts again holds what it held, and raises nothing twice', {
    timeout: 180_000,
  }, async () => {
    const stage = await Stage.build();
    try {
      await stage.run(async (_, order) => {
        order('set leak-1 leak true');
        await livedClock.sleep(3000);
      });
      await stage.run(() => livedClock.sleep(3000));
      await stage.run(async (_, order) => {
        order('set leak-1 leak false');
        await livedClock.sleep(3000);
      });
      expect(inWords(await stage.told())).toEqual(['leak-1: critical: 누수 감지', 'leak-1: critical: over: 누수 감지']);
      const held = (await stage.events()).flatMap((event) => (event.event === 'boot' ? [event.alarms] : []));
      const leak = { device: 'leak-1', rule: 'leak/equals' };
      expect(held.map((alarms) => alarms?.filter(({ device }) => device !== 'gateway'))).toEqual([[], [leak], [leak]]);
    } finally {
      await stage.strike();
    }
  });

  test.concurrent('lines that are down speak for their devices', { timeout: 180_000 }, async () => {
    const stage = await Stage.build();
    try {
      await stage.run(async () => {
        await stage.cut();
        await livedClock.sleep(36_000);
      });
      const alarms = (await stage.events()).flatMap((event) =>
        event.event === 'alarm' && event.active ? [event] : [],
      );
      const lines = alarms.filter(({ rule }) => rule.startsWith('line/'));
      expect(lines.map(({ device, rule, suppressed }) => [device, rule, suppressed]).sort()).toEqual(
        ['bus-a', 'mast', 'plc', 'ups-line'].map((line) => ['gateway', `line/${line}`, undefined]),
      );
      const devices = alarms.filter(({ rule }) => rule === 'device/offline');
      expect(devices.map(({ device, suppressed }) => [device, suppressed])).toEqual([['light-meter', true]]);
    } finally {
      await stage.strike();
    }
  });
});

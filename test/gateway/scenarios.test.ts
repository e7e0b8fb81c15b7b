import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePorts } from '../../cli/demo/free-ports.ts';
import { demoConfig } from '../../cli/demo/plant.ts';
import { EVERYDAY, play, type Scenario } from '../../cli/demo/scenarios.ts';
import { obey } from '../../cli/simulate.ts';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import type { Rule } from '../../core/rules/rule.ts';
import { startSimulator } from '../../devices/simulator/simulator.ts';
import { runGateway } from '../../gateway/app.ts';
import { loadGatewaySettings } from '../../gateway/settings.ts';
import { RunningJournal } from '../support/journal-home.ts';

interface Told {
  readonly event: Extract<JournalEvent, { event: 'alarm' }>;
  readonly rule: Rule;
}

/** The real gateway at the simulated plant of the demo, for as long as a scenario takes. What it has journalled of alarms. */
async function alarmsOf(scenario: Scenario, ms: number): Promise<Told[]> {
  const folder = await mkdtemp(join(tmpdir(), 'scenario-'));
  const file = join(folder, 'gateway.yaml');
  const stop = new AbortController();
  try {
    const [httpPort, busPort] = (await freePorts(2)) as [number, number];
    const given = { dataDir: join(folder, 'data'), httpPort, busPort };
    await writeFile(file, demoConfig({ ...given, ports: {} }));
    const { plant } = await loadGatewaySettings(file);
    const simulator = await startSimulator(plant, { clock: systemClock, log: quietLog });
    for (const line of EVERYDAY) obey(simulator, line);
    const ports = Object.fromEntries(simulator.endpoints.map(({ channel, port }) => [channel, port]));
    await writeFile(file, demoConfig({ ...given, ports }));
    const deps = { clock: systemClock, log: quietLog, metrics: new Metrics() };
    const running = runGateway(await loadGatewaySettings(file), stop.signal, deps);
    await systemClock.sleep(3000);
    const order = (line: string) => obey(simulator, line);
    await play(scenario, { order, say() {} }, systemClock, stop.signal);
    await systemClock.sleep(ms);
    stop.abort();
    await running;
    await simulator.stop();
    const rules = new Map(
      plant.devices.flatMap(({ name, rules: own }) => own.map((rule) => [`${name}/${rule.id}`, rule])),
    );
    const journal = await RunningJournal.open(join(folder, 'data/journal'));
    const told: Told[] = [];
    for await (const { bytes } of journal.journal.wholeFrames(journal.journal.epoch)) {
      const frame = decodeFrame(Buffer.from(bytes));
      for (const event of frame.kind === 'events' ? frame.events : [])
        if (event.event === 'alarm' && event.device !== 'gateway')
          told.push({ event, rule: rules.get(`${event.device}/${event.rule}`) as Rule });
    }
    await journal.close();
    return told;
  } finally {
    stop.abort();
    await rm(folder, { recursive: true, force: true });
  }
}

const inWords = (told: readonly Told[]) =>
  told
    .filter(({ event }) => !event.suppressed)
    .map(({ event, rule }) => `${event.device}: ${rule.priority}: ${event.active ? '' : 'over: '}${rule.text.ko}`);

describe('the demo raises what a facility engineer expects', () => {
  test.concurrent('nothing while all is well', { timeout: 60_000 }, async () => {
    expect(inWords(await alarmsOf('normal', 20_000))).toEqual([]);
  });

  test.concurrent('crac-failure', { timeout: 60_000 }, async () => {
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
    for (const { rule } of told)
      for (const words of [rule.text, rule.action]) expect([words.en, words.ko].every(Boolean)).toBe(true);
  });

  test.concurrent('leak: at the cable first, then under the air conditioner; its return to normal is told, and it is latched', {
    timeout: 60_000,
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

  test.concurrent('dead-slave: one alarm, of the meter that is silent', { timeout: 60_000 }, async () => {
    expect(inWords(await alarmsOf('dead-slave', 24_000))).toEqual(['light-meter: high: 장치 응답 없음']);
  });
});

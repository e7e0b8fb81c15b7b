import { expect, test } from 'vitest';
import { quietLog } from '../../../core/log.ts';
import type { KubeReport, Stand } from '../../../gateway/kubeedge/report-queue.ts';
import { Reporter, type Road } from '../../../gateway/kubeedge/road.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('while a slow EdgeCore is told of twenty devices, what changes meanwhile is told as it is then', async () => {
  const [clock, stop] = [new FakeClock(), new AbortController()];
  const stands = new Map<string, Stand>();
  const stand = (id: string, reported: string, state: Stand['state'] = 'online') =>
    stands.set(id, { id, state, twins: [{ property: 'a', desired: '', reported }] });
  for (let i = 0; i < 20; i++) stand(`default/d${i}`, 'old');
  const sent: KubeReport[] = [];
  const road: Road = {
    gapMs: 0,
    ...{ isOpen: () => true, may: () => true, take: () => {}, onOpen: () => {} },
    send: async (report) => {
      sent.push(report);
      await clock.sleep(1500, stop.signal);
    },
  };
  const reporter = new Reporter({ road, stands: () => [...stands.values()], clock, log: quietLog });
  const running = reporter.run(stop.signal).catch(() => {});
  await clock.advance(3000);
  stand('default/d19', 'new');
  stand('default/d18', 'old', 'offline');
  stands.delete('default/d17');
  for (let second = 0; second < 30; second++) await clock.advance(1000);
  const of = (id: string) => sent.filter((report) => report.id === id);
  expect(of('default/d19')).toMatchObject([{ twins: [{ reported: 'new' }] }]);
  expect(of('default/d18')[0]).toMatchObject({ kind: 'state', state: 'offline' });
  expect(of('default/d17')).toEqual([]);
  stop.abort();
  await running;
});

import type { Clock } from '../../core/clock.ts';
import type { ChannelStatistics } from '../../devices/channels/channel.ts';
import { above, type SelfPoint, selfPoint } from './self-point.ts';

export interface WorkSources {
  readonly clock: Clock;
  /** Records that the hub has not confirmed; without a hub, nothing waits for one. */
  readonly backlog: (() => number) | undefined;
  readonly journal: { readonly bytes: number };
  readonly journalMaxBytes: number;
  readonly clockOffsetMs: () => number | undefined;
}

export interface LineSources {
  readonly clock: Clock;
  readonly statistics: (line: string) => ChannelStatistics | undefined;
}

/** What the gateway's own work says: buffer and clock. */
export function workPoints(from: WorkSources): SelfPoint[] {
  return [...buffer(from), clockOffset(from)];
}

function buffer({ backlog, journal, journalMaxBytes }: WorkSources): SelfPoint[] {
  const title = { en: 'Buffer used', ko: '버퍼 사용률' };
  const alarm = {
    ...{ condition: above(80, 5), onDelayMs: 0, priority: 'high' as const },
    text: { en: 'Gateway buffer almost full', ko: '게이트웨이 버퍼 거의 가득 참' },
    action: {
      en: 'Restore the link to the hub; then the oldest records are lost',
      ko: '허브 연결을 복구하십시오. 가득 차면 가장 오래된 기록부터 사라집니다',
    },
  };
  // The journal keeps what is confirmed too, up to its size: only what waits for the hub fills it.
  const waiting = (): number =>
    backlog === undefined || backlog() === 0 ? 0 : (journal.bytes / journalMaxBytes) * 100;
  const used = selfPoint({ name: 'buffer-used', title, unit: '%', deadband: 1, alarm }, waiting);
  if (backlog === undefined) return [];
  const unsent = { en: 'Records not yet at the hub', ko: '허브 미전송 기록' };
  return [used, selfPoint({ name: 'unsent-records', title: unsent, deadband: 1000 }, backlog)];
}

function clockOffset({ clockOffsetMs }: WorkSources): SelfPoint {
  const title = { en: 'Clock difference to the hub', ko: '허브 대비 시계 차이' };
  const alarm = {
    ...{ condition: above(60, 5), onDelayMs: 60_000, priority: 'medium' as const },
    text: { en: 'Gateway clock is off', ko: '게이트웨이 시계가 맞지 않음' },
    action: { en: 'Set up NTP, or a battery clock', ko: 'NTP 또는 배터리 시계를 설정하십시오' },
  };
  return selfPoint({ name: 'clock-offset', title, unit: 's', deadband: 0.5, alarm }, () => {
    const offset = clockOffsetMs();
    return offset === undefined ? undefined : Math.abs(offset) / 1000;
  });
}

/** What one line says: shares since the last look. */
export function linePoints(name: string, { clock, statistics }: LineSources): SelfPoint[] {
  const nothing = { exchanges: 0, faults: 0, busyMs: 0 };
  const read = () => statistics(name) ?? nothing;
  let [ticks, busyMs] = [clock.ticks(), 0];
  let [exchanges, faults] = [0, 0];
  const utilisation = { en: `Line ${name}: in use`, ko: `회선 ${name}: 사용률` };
  const failing = { en: `Line ${name}: failed requests`, ko: `회선 ${name}: 실패한 요청` };
  return [
    selfPoint({ name: `line-${name}-use`, title: utilisation, unit: '%', deadband: 5 }, () => {
      const now = { ticks: clock.ticks(), busyMs: read().busyMs };
      const share = now.ticks === ticks ? undefined : ((now.busyMs - busyMs) / (now.ticks - ticks)) * 100;
      [ticks, busyMs] = [now.ticks, now.busyMs];
      return share === undefined ? undefined : Math.min(100, share);
    }),
    selfPoint({ name: `line-${name}-faults`, title: failing, unit: '%', deadband: 5 }, () => {
      const now = read();
      const asked = now.exchanges - exchanges;
      // A line that only listens asks nothing, and nothing fails.
      const share = asked === 0 ? 0 : ((now.faults - faults) / asked) * 100;
      [exchanges, faults] = [now.exchanges, now.faults];
      return share;
    }),
  ];
}

import { readdirSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { above, below, type SelfPoint, selfPoint } from './self-point.ts';

/** The kernel's files, as far as they are looked at. */
export interface MachineFiles {
  /** Undefined if it cannot be read. */
  read(path: string): string | undefined;
  /** Names in a folder; none if it is not there. */
  list(path: string): readonly string[];
}

export const systemFiles: MachineFiles = {
  read(path) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return undefined;
    }
  },
  list(path) {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  },
};

const THERMAL = '/sys/class/thermal';
const HWMON = '/sys/class/hwmon';
const BLOCK = '/sys/block';

/** What the board and its card say of themselves. A sensor that this machine does not have is no point of it. */
export function machinePoints(dataDir: string, files: MachineFiles = systemFiles): SelfPoint[] {
  return [
    ...temperature(files),
    ...underVoltage(files),
    selfPoint(
      // The load average, not a share of time: above 100 %, work waits for a core.
      {
        ...{ name: 'cpu-load', unit: '%', deadband: 10 },
        title: { en: 'Load for all cores (1 min)', ko: '전체 코어 대비 부하 (1분 평균)' },
      },
      () => ((loadavg()[0] as number) / availableParallelism()) * 100,
    ),
    memory(files),
    disk(dataDir),
    ...cardWear(files),
  ];
}

/** The hottest zone. A Raspberry Pi slows down from 80 °C on [Raspberry Pi documentation, frequency management]. */
function temperature({ read, list }: MachineFiles): SelfPoint[] {
  const zones = list(THERMAL).filter((name) => name.startsWith('thermal_zone'));
  const hottest = () => {
    const found = zones.map((zone) => read(join(THERMAL, zone, 'temp'))).filter((text) => text !== undefined);
    return found.length === 0 ? undefined : Math.max(...found.map(Number)) / 1000;
  };
  if (hottest() === undefined) return [];
  const title = { en: 'Processor temperature', ko: '프로세서 온도' };
  const alarm = {
    ...{ condition: above(80, 5), onDelayMs: 60_000, priority: 'high' as const },
    text: { en: 'Gateway too hot', ko: '게이트웨이 과열' },
    action: { en: 'Check the ventilation of the cabinet', ko: '함체 환기를 확인하십시오' },
  };
  return [selfPoint({ name: 'cpu-temperature', title, unit: '°C', deadband: 1, alarm }, hottest)];
}

/** The firmware's alarm of a Raspberry Pi, which the kernel shows as a voltage sensor (driver raspberrypi-hwmon). */
function underVoltage({ read, list }: MachineFiles): SelfPoint[] {
  const own = list(HWMON).find((name) => read(join(HWMON, name, 'name')) === 'rpi_volt');
  if (own === undefined) return [];
  const title = { en: 'Supply voltage too low', ko: '공급 전압 부족' };
  const alarm = {
    ...{ condition: { kind: 'equals' as const, value: true }, onDelayMs: 0, priority: 'high' as const },
    text: { en: 'Gateway supply voltage too low', ko: '게이트웨이 공급 전압 부족' },
    action: { en: 'Replace the power supply or its cable', ko: '전원 어댑터나 케이블을 교체하십시오' },
  };
  return [
    selfPoint({ name: 'under-voltage', title, alarm }, () => {
      const text = read(join(HWMON, own, 'in0_lcrit_alarm'));
      return text === undefined ? undefined : text === '1';
    }),
  ];
}

function memory({ read }: MachineFiles): SelfPoint {
  const title = { en: 'Memory available', ko: '사용 가능한 메모리' };
  const alarm = {
    ...{ condition: below(5, 2), onDelayMs: 60_000, priority: 'medium' as const },
    text: { en: 'Gateway short of memory', ko: '게이트웨이 메모리 부족' },
    action: { en: 'See what else runs on this machine', ko: '이 기기에서 함께 실행 중인 프로그램을 확인하십시오' },
  };
  return selfPoint({ name: 'memory-available', title, unit: '%', deadband: 2, alarm }, () => {
    const text = read('/proc/meminfo') ?? '';
    const of = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
    return (of('MemAvailable') / of('MemTotal')) * 100;
  });
}

function disk(dataDir: string): SelfPoint {
  const title = { en: 'Disk space free', ko: '디스크 여유 공간' };
  const alarm = {
    ...{ condition: below(5, 2), onDelayMs: 60_000, priority: 'high' as const },
    text: { en: 'Gateway disk almost full', ko: '게이트웨이 디스크 공간 부족' },
    action: { en: 'Free space, or lower journal.maxBytes', ko: '공간을 확보하거나 journal.maxBytes 값을 낮추십시오' },
  };
  return selfPoint({ name: 'disk-free', title, unit: '%', deadband: 1, alarm }, async () => {
    const { bavail, blocks } = await statfs(dataDir);
    return (bavail / blocks) * 100;
  });
}

/** What an eMMC says of its worn cells, in tenths of its life: EXT_CSD 268 and 269, the worse of both [JESD84-B51, 7.4.31]. */
function cardWear({ read, list }: MachineFiles): SelfPoint[] {
  const card = list(BLOCK).find((name) => read(join(BLOCK, name, 'device/life_time')) !== undefined);
  if (card === undefined) return [];
  const title = { en: 'Storage life used', ko: '저장 장치 수명 소모' };
  const alarm = {
    ...{ condition: above(80, 5), onDelayMs: 0, priority: 'medium' as const },
    text: { en: 'Gateway storage almost worn out', ko: '게이트웨이 저장 장치 수명 임박' },
    action: { en: 'Plan its replacement', ko: '교체를 계획하십시오' },
  };
  return [
    selfPoint({ name: 'storage-wear', title, unit: '%', deadband: 1, alarm }, () => {
      const tenths = (read(join(BLOCK, card, 'device/life_time')) ?? '').split(/\s+/).map(Number);
      const worst = Math.max(...tenths);
      // 0 is: not said.
      return worst > 0 ? Math.min(100, worst * 10) : undefined;
    }),
  ];
}

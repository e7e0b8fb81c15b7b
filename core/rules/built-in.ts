import { z } from 'zod';
import { duration } from '../units.ts';
import type { Rule } from './rule.ts';
import { PRIORITIES } from './rule-schema.ts';

/** The alarm that every device has without being asked: it does not answer. `false`: none. */
export const offlineAlarmSchema = z.union([
  z.literal(false),
  z.strictObject({
    priority: z.enum(PRIORITIES).optional(),
    onDelay: duration({ most: 86_400_000 }).optional(),
  }),
]);
export type OfflineAlarm = z.output<typeof offlineAlarmSchema>;

/** No rule of a profile can have this id. */
export const OFFLINE = 'device/offline';

const OFFLINE_DELAY_MS = 60_000;
/** Shorter than that of the devices: the parent speaks first. */
const LINE_DELAY_MS = 30_000;

export function offlineRule(given: Exclude<OfflineAlarm, false> = {}): Rule {
  return {
    ...{ id: OFFLINE, point: '', condition: { kind: 'offline' }, class: 'system' },
    onDelayMs: given.onDelay ?? OFFLINE_DELAY_MS,
    priority: given.priority ?? 'high',
    ...{ ack: true, shelvable: true },
    text: { en: 'Device does not answer', ko: '장치 응답 없음' },
    cause: {
      en: 'No power, a broken cable, or another address or speed',
      ko: '전원 차단, 케이블 단선, 주소·통신 속도 불일치',
    },
    action: {
      en: 'Check power and wiring of the device, then its address and speed',
      ko: '장치의 전원과 배선을 확인하고, 주소와 통신 속도를 점검하십시오',
    },
  };
}

/** One alarm in the place of those of all devices on the line. It belongs to the gateway as a device. */
export function lineRule(channel: string): Rule {
  return {
    ...{ id: `line/${channel}`, point: '', condition: { kind: 'line', channel }, class: 'system' },
    ...{ onDelayMs: LINE_DELAY_MS, priority: 'high', ack: true, shelvable: true },
    text: { en: `Line ${channel} is down`, ko: `회선 ${channel} 장애` },
    cause: { en: 'Adapter unplugged, or the other end cannot be reached', ko: '어댑터 분리 또는 상대 장비 연결 불가' },
    action: {
      en: `Check adapter, cable and network of line ${channel}: none of its devices can be read`,
      ko: `회선 ${channel}의 어댑터, 케이블, 네트워크를 확인하십시오. 이 회선의 모든 장치를 읽을 수 없습니다`,
    },
  };
}

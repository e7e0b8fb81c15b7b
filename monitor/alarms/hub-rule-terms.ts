import type { Terms } from './alarm.ts';
import type { HubRule } from './hub-rules.ts';
import { toTerms } from './terms.ts';

/** What the hub's own alarms say. */
export const HUB_RULE_TERMS: Readonly<Record<HubRule, Terms>> = {
  'gateway/offline': toTerms({
    priority: 'high',
    class: 'system',
    text: { en: 'Gateway offline', ko: '게이트웨이 오프라인' },
    cause: {
      en: 'Power, network or the gateway itself: it keeps its readings until it is back',
      ko: '전원, 네트워크 또는 게이트웨이 자체 문제. 측정값은 복구될 때까지 게이트웨이에 보관됩니다',
    },
    action: {
      en: 'Check power and network at the gateway; its readings follow when it is back',
      ko: '게이트웨이의 전원과 네트워크를 확인하세요. 복구되면 밀린 측정값이 전송됩니다',
    },
  }),
  'gateway/late': toTerms({
    priority: 'low',
    class: 'system',
    text: { en: 'Gateway late: what is shown is old', ko: '게이트웨이 지연: 화면의 값이 최신이 아님' },
    action: {
      en: 'Wait if it has just been offline; otherwise check the speed of its link',
      ko: '방금 복구되었다면 기다리고, 아니면 회선 속도를 확인하세요',
    },
  }),
  'gateway/buffer': toTerms({
    priority: 'medium',
    class: 'system',
    text: { en: 'Gateway buffer is filling', ko: '게이트웨이 버퍼 증가 중' },
    cause: {
      en: 'More is measured than the link carries',
      ko: '회선이 보낼 수 있는 양보다 측정량이 많습니다',
    },
    action: {
      en: 'Check the link and `uplink.maxBytesPerSecond`; read less often, or raise `journal.maxBytes`',
      ko: '회선과 uplink.maxBytesPerSecond 설정을 확인하고, 측정 주기를 늘리거나 journal.maxBytes를 키우세요',
    },
  }),
  'gateway/stuck': toTerms({
    priority: 'high',
    class: 'system',
    text: { en: 'Gateway sync is stuck', ko: '게이트웨이 동기화 멈춤' },
    action: {
      en: "Read the logs of gateway and hub: they name the refusal; check the hub's disk",
      ko: '게이트웨이와 허브의 로그에서 거부 사유를 확인하고 허브 디스크를 점검하세요',
    },
  }),
  'gateway/cloned': toTerms({
    priority: 'high',
    class: 'system',
    text: { en: 'Two gateways use one name', ko: '같은 이름의 게이트웨이가 둘' },
    action: {
      en: 'Find the copy and switch it off, or enrol it under a new name; nothing of it is accepted until then',
      ko: '복제된 게이트웨이를 찾아 끄거나 새 이름으로 등록하세요. 그때까지 복제본의 데이터는 받지 않습니다',
    },
  }),
};

import { textsOf } from '../../data/i18n.ts';

export const tf = textsOf({
  title: { en: 'First steps: {n} of {all} done', ko: '처음 할 일: {all}개 중 {n}개 완료' },
  dismiss: { en: 'Put this list away', ko: '이 목록 숨기기' },
  done: { en: 'done', ko: '완료' },
  open: { en: 'to do', ko: '할 일' },
  'item.owner': { en: 'An account for who owns the hub', ko: '허브 소유자 계정' },
  'item.gateway': { en: 'A gateway is connected', ko: '게이트웨이 연결' },
  'item.values': { en: 'A device sends values', ko: '설비 값 수신' },
  'item.receiver': { en: 'Somebody is told of alarms', ko: '알람을 받을 사람 지정' },
  'item.test': { en: 'A test has reached somebody', ko: '시험 알림 전달' },
  'item.plan': { en: 'A floor plan is drawn', ko: '도면 작성' },
  'item.backup': { en: 'A backup is made: `sluice backup` on the hub', ko: '백업: 허브에서 `sluice backup` 실행' },
  'go.owner': { en: 'Add a user', ko: '사용자 추가' },
  'go.gateway': { en: 'Connect a gateway', ko: '게이트웨이 연결' },
  'go.values': { en: 'See what each gateway reads', ko: '게이트웨이별 수집 보기' },
  'go.receiver': { en: 'Add a receiver', ko: '수신처 추가' },
  'go.plan': { en: 'Draw a plan', ko: '도면 그리기' },
  test: { en: 'Send a test alarm', ko: '시험 알림 보내기' },
  'test.hint': {
    en: 'a message that says it is a test, to every receiver; no alarm is raised',
    ko: '모든 수신처에 시험이라고 알립니다. 실제 알람은 발생하지 않습니다',
  },
  'test.none': { en: 'Add a receiver first.', ko: '먼저 수신처를 추가하십시오.' },
  demo: { en: 'This plant is simulated.', ko: '이 설비는 시뮬레이션입니다.' },
  'demo.go': { en: 'Connect a real gateway', ko: '실제 게이트웨이 연결' },
});

import { language } from '../../data/i18n.ts';

/** Texts of notifications, fetched with them. */
const TEXTS = {
  receivers: { en: 'Who is told', ko: '알림 수신처' },
  none: {
    en: 'Nobody is told of alarms yet. Administrators add receivers in the settings, under notifications.',
    ko: '알람을 받을 사람이 아직 없습니다. 관리자가 설정의 알림에서 수신처를 추가합니다.',
  },
  'state.idle': { en: 'in order', ko: '정상' },
  'state.working': { en: 'sending', ko: '전송 중' },
  'state.failing': { en: 'failing', ko: '전송 실패' },
  waiting: { en: '{n} waiting', ko: '대기 {n}건' },
  delivered: { en: 'last delivered {age}', ko: '마지막 전달 {age}' },
  never: { en: 'nothing delivered yet', ko: '아직 전달한 알림 없음' },
  next: { en: 'next try in {age}', ko: '{age} 후 재시도' },
  'why.time': { en: 'no answer in time', ko: '제한 시간 안에 응답 없음' },
  'why.answered': { en: 'answered {status}', ko: '응답 코드 {status}' },
  'why.nonsense': { en: 'an answer that is not of such a receiver', ko: '수신처 종류에 맞지 않는 응답' },
  'why.refused': { en: 'nothing listens there', ko: '연결 거부됨' },
  'why.unknown': { en: 'no such host', ko: '호스트를 찾을 수 없음' },
  test: { en: 'Send a test', ko: '시험 전송' },
  testing: { en: 'Sending…', ko: '전송 중…' },
  'test.delivered': { en: 'The receiver took it.', ko: '수신처가 받았습니다.' },
  'test.failed': { en: 'Not delivered: {why}', ko: '전달하지 못했습니다: {why}' },
  told: { en: 'Who was told', ko: '알림 내역' },
  'told.none': { en: 'Nobody was told.', ko: '알림을 보내지 않았습니다.' },
  'what.raised': { en: 'raised', ko: '발생' },
  'what.cleared': { en: 'cleared', ko: '복구' },
  'what.acknowledged': { en: 'acknowledged', ko: '확인' },
  'what.re-alarm': { en: 'told again', ko: '재알림' },
  'what.escalated': { en: 'passed on', ko: '상위 전달' },
  'what.flapping': { en: 'chattering', ko: '반복 발생' },
  'what.settled': { en: 'settled', ko: '안정' },
  'what.test': { en: 'test', ko: '시험' },
  'sent.collecting': { en: 'waits for a digest', ko: '요약 대기' },
  'sent.waiting': { en: 'on its way', ko: '전송 대기' },
  'sent.delivered': { en: 'delivered', ko: '전달됨' },
  'sent.given-up': { en: 'given up', ko: '전송 포기' },
} as const;

export type NotifyKey = keyof typeof TEXTS;

export function tn(key: NotifyKey, values: Readonly<Record<string, string | number>> = {}): string {
  return TEXTS[key][language.value].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** What went wrong, in the reader's language where it is the hub that says so; what the other side said stands behind it. */
export function whyOf(error: string): string {
  const [, status, said = ''] = /^answered (\d+)(.*)$/s.exec(error) ?? [];
  if (status !== undefined) return tn('why.answered', { status }) + said;
  if (error.startsWith('no answer in time')) return tn('why.time') + error.slice('no answer in time'.length);
  if (error.startsWith('answered what is not')) return tn('why.nonsense') + error.slice(error.indexOf(':'));
  if (error.includes('ECONNREFUSED')) return `${tn('why.refused')} (${error})`;
  return error.includes('ENOTFOUND') ? `${tn('why.unknown')} (${error})` : error;
}

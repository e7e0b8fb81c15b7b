import { textsOf } from '../../data/i18n.ts';

export const tk = textsOf({
  intro: {
    en: 'Every component in each of its states. Nothing here is measured.',
    ko: '모든 구성 요소의 상태별 모습입니다. 여기의 값은 측정값이 아닙니다.',
  },
  tile: { en: 'Supply air', ko: '급기온도' },
  tiles: { en: 'Tile', ko: '타일' },
  tokens: { en: 'Alarm priorities', ko: '알람 우선순위' },
  rests: { en: 'over, not acknowledged', ko: '복구, 미확인' },
  marks: { en: 'State of a point', ko: '포인트 상태' },
  indicators: { en: 'Indicator with limits', ko: '한계가 있는 지시계' },
  sparks: { en: 'Small trend with a gap', ko: '빈 구간이 있는 작은 추세' },
  gauges: { en: 'Demand', ko: '수요전력' },
  strip: { en: 'Alarm rate', ko: '알람 발생률' },
  run: { en: 'Runs or stands', ko: '운전과 정지' },
  buttons: { en: 'Buttons and choices', ko: '버튼과 선택' },
  act: { en: 'Acknowledge', ko: '확인' },
  plain: { en: 'Cancel', ko: '취소' },
  field: { en: 'Comment', ko: '의견' },
  skeleton: { en: 'Loading', ko: '불러오는 중' },
  empty: { en: 'Nothing here yet', ko: '아직 없음' },
  'empty.hint': { en: 'What to do so that something comes.', ko: '항목을 만들려면 무엇을 할지 적습니다.' },
  'note.bad': { en: 'No answer from the device', ko: '장비 응답 없음' },
  'note.forbidden': { en: 'Ask an administrator.', ko: '관리자에게 요청하세요.' },
  'note.unconfigured': { en: 'Choose a meter in the settings.', ko: '설정에서 계량기를 고르세요.' },
});

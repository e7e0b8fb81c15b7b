import { textsOf } from '../../data/i18n.ts';

export const to = textsOf({
  quiet: { en: 'All quiet', ko: '조용합니다' },
  'quiet.hint': {
    en: 'No alarm is active, none waits to be acknowledged.',
    ko: '발생 중이거나 확인을 기다리는 알람이 없습니다.',
  },
  alarms: { en: 'Alarms now', ko: '현재 알람' },
  unseen: { en: '{n} not acknowledged', ko: '미확인 {n}건' },
  all: { en: 'To the alarms', ko: '알람 화면으로' },
  rate: { en: 'Alarms of the last 24 hours', ko: '최근 24시간 알람' },
  'rate.said': { en: '{n} announced; most in ten minutes: {most}', ko: '{n}건 알림, 10분 최대 {most}건' },
  'rate.from': { en: '24 h ago', ko: '24시간 전' },
  gateways: { en: 'Gateways', ko: '게이트웨이' },
  'gateways.waiting': { en: '{n} records wait at the edge', ko: '전송 대기 {n}건' },
  'gateways.drained': { en: 'Nothing waits at the edge', ko: '전송 대기 없음' },
  demand: { en: 'Demand: {group}', ko: '수요전력: {group}' },
  'demand.text': { en: '{now} of {target} kW, forecast {forecast}', ko: '{now} / {target} kW, 예측 {forecast}' },
  'demand.free': { en: '{now} kW, forecast {forecast}', ko: '{now} kW, 예측 {forecast}' },
  'demand.above': { en: 'Above the target', ko: '목표 초과' },
  'demand.forecast-above': { en: 'Will pass the target', ko: '목표 초과 예상' },
  'site.well': { en: 'All is well', ko: '정상' },
  'site.points': { en: '{n} of {all} points need attention', ko: '포인트 {all}개 중 {n}개 확인 필요' },
  'site.alarms': { en: 'alarms: {n}', ko: '알람 {n}건' },
  'site.equipment': { en: '{n} devices, {points} points', ko: '설비 {n}대, 포인트 {points}개' },
  none: { en: 'No site yet', ko: '등록된 사업장 없음' },
});

import { textsOf } from '../../data/i18n.ts';

/** Texts of sites, their calendars, and what reports show. */
export const tl = textsOf({
  sites: { en: 'Sites and calendars', ko: '현장과 달력' },
  'sites.hint': {
    en: 'Site, time zone and holidays are set at each gateway: `site:`, `timezone:` and `holidays:` of its gateway.yaml. When rules apply (`when:`) is set there too.',
    ko: '현장, 시간대, 공휴일은 각 게이트웨이의 gateway.yaml에서 `site:`, `timezone:`, `holidays:`로 설정합니다. 규칙이 적용되는 시간도 거기에서 정합니다.',
  },
  none: { en: 'No gateway has named a site yet.', ko: '아직 현장을 알린 게이트웨이가 없습니다.' },
  'holidays.untold': { en: 'holidays not told (an earlier release)', ko: '공휴일 정보 없음 (이전 버전)' },
  'holidays.none': { en: 'no holidays', ko: '공휴일 설정 없음' },
  'holidays.korea': { en: 'Korean public holidays', ko: '대한민국 공휴일' },
  'holidays.own': { en: '{n} days of its own', ko: '직접 지정 {n}일' },
  days: { en: 'Holidays of this year and the next: {n}', ko: '올해와 내년 공휴일: {n}일' },
  'day.own': { en: 'own day', ko: '직접 지정' },
  report: { en: 'Reports: who signs, what is judged', ko: '보고서: 결재란과 판정 항목' },
  'report.hint': {
    en: 'For the reports of all sites. Empty: the hub’s own choice.',
    ko: '모든 현장의 보고서에 적용됩니다. 비우면 허브가 정합니다.',
  },
  signers: { en: 'Boxes to sign, a line each (at most 6)', ko: '결재란 (한 줄에 하나, 최대 6개)' },
  judged: { en: 'Points that are judged', ko: '범위를 판정할 포인트' },
  point: { en: 'Point', ko: '포인트' },
  low: { en: 'Not below', ko: '하한' },
  high: { en: 'Not above', ko: '상한' },
  'point.add': { en: 'Add a point', ko: '포인트 추가' },
  saved: { en: 'Saved', ko: '저장했습니다' },
});

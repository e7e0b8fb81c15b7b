import { textsOf } from '../../data/i18n.ts';

export const tk = textsOf({
  title: { en: 'Certificates', ko: '인증서' },
  none: { en: 'It has none: it cannot connect.', ko: '인증서가 없어 연결할 수 없습니다.' },
  serial: { en: 'Serial', ko: '일련번호' },
  state: { en: 'State', ko: '상태' },
  issued: { en: 'Issued', ko: '발급' },
  until: { en: 'Good until', ko: '만료' },
  'state.used': { en: 'Newest', ko: '최신' },
  'state.former': { en: 'Former, still good', ko: '이전 것, 아직 유효' },
  'state.expired': { en: 'Expired', ko: '만료됨' },
  'state.revoked': { en: 'Revoked', ko: '폐기됨' },
  revoke: { en: 'Revoke', ko: '폐기' },
  'revoke.all': { en: 'Revoke all', ko: '모두 폐기' },
  'revoke.now': { en: 'Revoke now', ko: '지금 폐기' },
  sure: {
    en: 'Revoke {serial} of {gateway}, with its key, for ever? A connection under it ends at once.',
    ko: '{gateway}의 인증서 {serial}과 그 키를 영구히 폐기할까요? 이 인증서로 맺은 연결은 바로 끊깁니다.',
  },
  'sure.all': {
    en: 'Revoke all certificates and keys of {gateway}, for ever? It is disconnected at once, and comes back only with a new join token.',
    ko: '{gateway}의 모든 인증서와 키를 영구히 폐기할까요? 연결이 바로 끊기며, 새 등록 토큰이 있어야 다시 연결됩니다.',
  },
  cancel: { en: 'Cancel', ko: '취소' },
  done: { en: 'Revoked: {n}.', ko: '{n}개를 폐기했습니다.' },
  unreachable: { en: 'The hub cannot be reached.', ko: '허브에 연결할 수 없습니다.' },
});

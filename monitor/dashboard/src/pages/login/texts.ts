import { textsOf } from '../../data/i18n.ts';

export const tl = textsOf({
  'sso.login': { en: 'Log in with {name}', ko: '통합 로그인: {name}' },
  'sso.or': { en: 'or with a password here', ko: '또는 여기 비밀번호로' },
  'sso.refused': {
    en: 'Single sign-on was refused. An administrator finds the reason in the audit log.',
    ko: '통합 로그인이 거부되었습니다. 이유는 관리자가 감사 기록에서 볼 수 있습니다.',
  },
  'sso.unreachable': {
    en: 'The provider of single sign-on does not answer.',
    ko: '통합 로그인 서버가 응답하지 않습니다.',
  },
  'first.title': { en: 'Create the owner', ko: '소유자 만들기' },
  'first.why': {
    en: 'This hub is new. Its owner administers it: users, gateways, everything. The code is in the lines that the hub printed when it started, and in the file setup-code of its data directory.',
    ko: '새 허브입니다. 소유자는 사용자와 게이트웨이를 비롯해 모든 것을 관리합니다. 코드는 허브가 시작할 때 출력한 줄과 데이터 디렉터리의 setup-code 파일에 있습니다.',
  },
  'first.code': { en: 'Set-up code', ko: '설정 코드' },
  'first.name': { en: 'Your name', ko: '이름' },
  'first.name.hint': {
    en: 'As it stands beside what you do. Letters, digits and . _ @ -',
    ko: '작업 기록에 남는 이름입니다. 글자, 숫자와 . _ @ - 를 쓸 수 있습니다.',
  },
  'first.language': { en: 'Language', ko: '언어' },
  'first.zone': { en: 'Time zone', ko: '시간대' },
  'first.create': { en: 'Create and log in', ko: '만들고 로그인' },
  'first.refused': {
    en: 'The code is wrong, used or older than a day. The hub prints a new one when it starts.',
    ko: '코드가 틀렸거나 이미 쓰였거나 하루가 지났습니다. 허브를 다시 시작하면 새 코드를 출력합니다.',
  },
  'first.exists': { en: 'The hub did not take it: {why}', ko: '허브가 받지 않았습니다: {why}' },
  password: { en: 'New password', ko: '새 비밀번호' },
  'password.again': { en: 'The same once more', ko: '한 번 더' },
  'password.hint': {
    en: 'At least 12 characters. A few words that you remember are better than one that you note down.',
    ko: '12자 이상입니다. 적어 두어야 하는 것보다 기억하기 쉬운 단어 몇 개가 낫습니다.',
  },
  'password.differ': { en: 'The two are not the same.', ko: '두 비밀번호가 다릅니다.' },
  'strength.short': { en: 'Too short: {n} more characters', ko: '너무 짧습니다: {n}자 더 필요합니다' },
  'strength.weak': {
    en: 'Easily guessed: it repeats, counts, or is mostly the name',
    ko: '쉽게 짐작됩니다: 반복이거나 순서대로이거나 이름과 거의 같습니다',
  },
  'strength.fair': { en: 'Good enough; longer is better', ko: '충분합니다. 길수록 좋습니다' },
  'strength.good': { en: 'Strong', ko: '강합니다' },
});

import type { Key } from '../data/en.ts';
import { t, textIn } from '../data/i18n.ts';
import { gateways, session } from '../data/store.ts';
import { type Address, addressHash } from './address.ts';
import type { Findable } from './search-rank.ts';

/** What people search by what they want to do, though it has a place on a page: in the words they would type, in both languages. */
interface Action {
  readonly title: Key;
  readonly words: readonly string[];
  readonly to: Partial<Address> & { readonly page: string };
  readonly isForAdmins?: true;
}

const ACTIONS: readonly Action[] = [
  {
    title: 'do.unacked',
    words: ['acknowledge', 'ack', '확인', '미확인'],
    to: { page: 'alarms', query: { tab: 'unacked' } },
  },
  { title: 'do.report', words: ['pdf', 'xlsx', 'excel', 'print', '인쇄', '보고서'], to: { page: 'reports' } },
  { title: 'do.gateway', words: ['join', 'token', 'new', '토큰', '등록'], to: { page: 'connect' }, isForAdmins: true },
  {
    title: 'do.audit',
    words: ['log', 'history', '이력', '기록'],
    to: { page: 'settings', rest: ['audit'] },
    isForAdmins: true,
  },
  {
    title: 'do.users',
    words: ['user', 'password', 'role', '사용자'],
    to: { page: 'settings', rest: ['users'] },
    isForAdmins: true,
  },
  {
    title: 'do.notify',
    words: ['mail', 'telegram', 'webhook', '메일'],
    to: { page: 'settings', rest: ['notify'] },
    isForAdmins: true,
  },
];

/** What they may do. */
export function actions(): readonly Findable[] {
  const held = session.value;
  const isAdmin = held.state === 'in' && held.me.role === 'admin';
  const known = ACTIONS.filter(({ isForAdmins }) => isAdmin || !isForAdmins).map(
    ({ title, words, to }): Findable => ({
      ...{ kind: 'action', title: t(title), detail: '', hash: addressHash(to) },
      words: [...words, textIn('en', title), textIn('ko', title)],
    }),
  );
  if (!isAdmin) return known;
  const devices = (gateways.value ?? []).map(
    ({ id, site }): Findable => ({
      ...{
        kind: 'action',
        title: t('do.device', { site: site ?? id }),
        detail: '',
        hash: addressHash({ page: 'connect', rest: [id] }),
      },
      words: ['scan', 'find', 'new', '검색', '스캔', textIn('en', 'do.device'), textIn('ko', 'do.device')],
    }),
  );
  return [...known, ...devices];
}

import { describe, expect, test } from 'vitest';
import { setLanguage } from '../../../monitor/dashboard/src/data/i18n.ts';
import { strengthOf } from '../../../monitor/dashboard/src/pages/login/strength.ts';
import { administers } from '../../../monitor/dashboard/src/pages/settings/administers.ts';
import { actionText, detailText } from '../../../monitor/dashboard/src/pages/settings/audit-words.ts';
import { FIELDS, toSettings, toTexts } from '../../../monitor/dashboard/src/pages/settings/receiver-fields.ts';

describe('how a password would hold, in words', () => {
  test.each([
    ['', 'kim', 'short'],
    ['elevenchars', 'kim', 'short'],
    ['aaaaaaaaaaaaaaaa', 'kim', 'weak'],
    ['1234567890123', 'kim', 'weak'],
    ['mnbabcdefghijkl', 'kim', 'weak'],
    ['kimminsu-1234', 'kimminsu', 'weak'],
    ['Kimminsu-Kimminsu', 'kimminsu', 'weak'],
    ['correct horse', 'kim', 'fair'],
    ['무지개 너머 어딘가에', 'kim', 'short'],
    ['무지개 너머 어딘가에 있는', 'kim', 'fair'],
    ['correct horse battery', 'kim', 'good'],
    ['correct horse battery', '', 'good'],
  ])('%j of %s: %s', (password, name, strength) => {
    expect(strengthOf(password, name)).toBe(strength);
  });
});

test('acts are said in words, and those of later pages by their name', () => {
  setLanguage('ko');
  expect(actionText({ action: 'keys revoke', object: 'a1' })).toBe('API 키 폐기: a1');
  setLanguage('en');
  expect(actionText({ action: 'login', object: '' })).toBe('Logged in');
  expect(actionText({ action: 'reports send', object: 'r1' })).toBe('reports send: r1');
  expect(actionText({ action: 'constructor', object: '' })).toBe('constructor');
});

test('what was asked, before and after is said without brackets', () => {
  setLanguage('en');
  const detail = { asked: { role: 'viewer', sites: ['a', 'b'], ttl: 86_400_000 * 3 }, before: { sites: null } };
  expect(detailText(JSON.stringify(detail))).toBe('role viewer, sites a, b, ttl 3 d · before: sites –');
  expect(detailText('{cut')).toBe('{cut');
  setLanguage('ko');
  expect(detailText(JSON.stringify({ before: { role: 'viewer' }, after: { x: 1 } }))).toBe(
    '이전: 역할 viewer · 이후: x 1',
  );
  setLanguage('en');
});

test('whoever administers the hub has all sites', () => {
  expect(administers({ role: 'admin', sites: null })).toBe(true);
  expect(administers({ role: 'admin', sites: ['x'] })).toBe(false);
  expect(administers({ role: 'operator', sites: null })).toBe(false);
});

test('what is written about a receiver becomes settings, and back; secrets are neither read nor shown', () => {
  const { alimtalk, telegram } = FIELDS;
  const body = { templateCode: '{template}' };
  const templates = { raised: 'A', cleared: 'B', acknowledged: 'C', digest: 'D' };
  const settings = { kind: 'alimtalk', url: 'https://a.test', to: ['01012345678', '01087654321'], templates, body };
  const texts = toTexts(alimtalk, settings);
  expect(texts).toMatchObject({ to: '01012345678\n01087654321', 'templates.cleared': 'B' });
  expect(texts).not.toHaveProperty('headers');
  expect(toSettings(alimtalk, texts, settings)).toEqual(settings);
  expect(() => toSettings(alimtalk, { ...texts, body: '[1]' }, {})).toThrow(SyntaxError);
  expect(toSettings(telegram, { chat: ' 5 ', token: 'hidden' }, { kind: 'telegram', language: 'ko' })).toEqual({
    ...{ kind: 'telegram', language: 'ko', chat: '5' },
  });
  expect(toSettings(FIELDS.smtp, { ...toTexts(FIELDS.smtp, {}), host: 'h', from: 'a@b' }, {})).toEqual({
    ...{ host: 'h', port: 587, tls: 'starttls', from: 'a@b' },
  });
});

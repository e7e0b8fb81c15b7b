import { Refusal } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { ts } from './texts.ts';

/** Why the hub did not do it. */
export function refusalText(error: unknown): string {
  if (!(error instanceof Refusal)) return ts('unreachable');
  if (error.status === 429) return t('login.wait', { seconds: error.retryAfterS });
  if (error.code === 'last-admin') return ts('refused.last');
  if (error.code === 'login-refused') return ts('refused.password');
  if (error.code === 'forbidden') return ts('refused.forbidden');
  return ts('refused', { why: error.detail ?? error.code });
}

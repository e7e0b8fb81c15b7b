import { Card } from './parts.tsx';
import { SessionList } from './session-list.tsx';
import { ts } from './texts.ts';

/** Everybody who is logged in. */
export function SessionsSection() {
  return (
    <Card title={ts('sessions')} hint={ts('sessions.hint')}>
      <SessionList all={true} />
    </Card>
  );
}

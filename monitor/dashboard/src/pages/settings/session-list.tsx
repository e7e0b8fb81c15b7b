import { post } from '../../data/api.ts';
import { Sure, Trouble } from './parts.tsx';
import { ts } from './texts.ts';
import { useHub } from './use-hub.ts';
import { when } from './when.ts';

interface Session {
  readonly id: string;
  readonly name: string;
  readonly via: 'password' | 'oidc';
  readonly createdAt: number;
  readonly usedAt: number;
  readonly address: string | null;
  readonly browser: string | null;
  readonly isThis: boolean;
}

/** Where somebody is logged in, each with a way to end it. */
export function SessionList({ all }: { readonly all: boolean }) {
  const { held, problem, act } = useHub<{ sessions: readonly Session[] }>(`/sessions${all ? '?all=true' : ''}`);
  const end = (id: string) => void act(() => post(`/sessions/${id}/end`, {}));
  return (
    <>
      <Trouble text={problem} />
      <ul class="lines">
        {held?.sessions.map((session) => (
          <li key={session.id} data-session={session.id}>
            <span class="said">
              <strong>{all ? session.name : browserName(session.browser)}</strong>
              <span class="muted small">
                {[
                  ...(all ? [browserName(session.browser)] : []),
                  session.address ?? '',
                  ts('session.used', { at: when(session.usedAt) }),
                  ts('session.since', { at: when(session.createdAt) }),
                  session.via === 'oidc' ? ts('session.oidc') : '',
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </span>
            {session.isThis ? (
              <span class="badge">{ts('session.this')}</span>
            ) : (
              <Sure
                text={ts('session.end')}
                label={`${ts('session.end')}: ${session.name}, ${browserName(session.browser)}`}
                act={() => end(session.id)}
              />
            )}
          </li>
        ))}
      </ul>
      {held?.sessions.length === 0 ? <p class="muted">{ts('session.none')}</p> : null}
    </>
  );
}

const KNOWN = ['Edg', 'OPR', 'SamsungBrowser', 'Firefox', 'Chrome', 'Safari'] as const;
const SYSTEMS = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'Linux'] as const;
const NAMES: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', SamsungBrowser: 'Samsung Internet' };

/** The long line that browsers send, as people call them. */
function browserName(line: string | null): string {
  if (line === null) return ts('session.unknown');
  const browser = KNOWN.find((name) => line.includes(`${name}/`));
  const system = SYSTEMS.find((name) => line.includes(name));
  return browser ? [NAMES[browser] ?? browser, system ?? ''].filter(Boolean).join(', ') : line.slice(0, 60);
}

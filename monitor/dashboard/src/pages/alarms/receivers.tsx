import { useEffect, useState } from 'preact/hooks';
import { ask, post, Refusal } from '../../data/api.ts';
import { formatAge, formatAgo } from '../../data/format.ts';
import { faultText } from '../../data/i18n.ts';
import { now, session } from '../../data/store.ts';
import { tn, whyOf } from './notify-texts.ts';

interface Sent {
  readonly state: 'waiting' | 'delivered' | 'given-up';
  readonly doneAt: number | null;
  readonly error: string | null;
}

interface Receiver {
  readonly name: string;
  readonly kind: string;
  readonly state: 'idle' | 'working' | 'failing';
  readonly waiting: number;
  readonly nextTry: number | null;
  readonly lastDelivered: Sent | null;
  readonly lastFailed: Sent | null;
}

const ROUND_MS = 5000;

/** Receivers of notifications, whether they take them, and a button that tries one. */
export function Receivers({ changes }: { readonly changes: number }) {
  const [receivers, setReceivers] = useState<readonly Receiver[] | undefined>(undefined);
  const load = () => {
    ask<{ receivers: readonly Receiver[] }>('/notify/receivers').then(
      (told) => setReceivers(told.receivers),
      () => {},
    );
  };
  // Asked again whenever an alarm has changed, and every few seconds: a receiver fails and mends by itself.
  const round = Math.floor(now.value / ROUND_MS);
  useEffect(load, [changes, round]);
  if (!receivers) return null;
  return (
    <section class="card receivers" aria-label={tn('receivers')}>
      <h2>{tn('receivers')}</h2>
      {receivers.length === 0 ? <p class="muted small">{tn('none')}</p> : null}
      <ul>
        {receivers.map((receiver) => (
          <Row key={receiver.name} receiver={receiver} done={load} />
        ))}
      </ul>
    </section>
  );
}

function Row({ receiver, done }: { readonly receiver: Receiver; readonly done: () => void }) {
  const [answer, setAnswer] = useState('');
  const { name, kind, state, waiting, nextTry, lastDelivered, lastFailed } = receiver;
  const test = async () => {
    setAnswer(tn('testing'));
    try {
      const sent = await post<Sent>(`/notify/receivers/${encodeURIComponent(name)}/test`, {});
      setAnswer(
        sent.state === 'delivered' ? tn('test.delivered') : tn('test.failed', { why: whyOf(sent.error ?? '') }),
      );
    } catch (error) {
      const why = error instanceof Refusal ? faultText(error.code, undefined).text : String(error);
      setAnswer(tn('test.failed', { why }));
    }
    done();
  };
  const last = lastDelivered?.doneAt ?? null;
  const facts = [
    tn(`state.${state}`),
    waiting > 0 ? tn('waiting', { n: waiting }) : '',
    nextTry === null || nextTry <= now.value ? '' : tn('next', { age: formatAge(nextTry - now.value) }),
    last === null ? tn('never') : tn('delivered', { age: formatAgo(now.value - last) }),
  ];
  return (
    <li>
      <span class={state === 'failing' ? 'problem' : 'muted'} aria-hidden="true">
        {state === 'failing' ? '▲' : '●'}
      </span>
      <div>
        <strong>{name}</strong> <span class="muted small">{kind}</span>
        <p class="small">{facts.filter(Boolean).join(' · ')}</p>
        {state === 'failing' && lastFailed?.error && answer === '' ? (
          <p class="muted small">{whyOf(lastFailed.error)}</p>
        ) : null}
        {answer ? (
          <p class="small" role="status">
            {answer}
          </p>
        ) : null}
      </div>
      {isAdmin() ? (
        <button type="button" class="plain" onClick={() => void test()}>
          {tn('test')}
        </button>
      ) : null}
    </li>
  );
}

function isAdmin(): boolean {
  const held = session.value;
  return held.state === 'in' && held.me.role === 'admin';
}

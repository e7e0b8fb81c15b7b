import { useEffect, useState } from 'preact/hooks';
import { ask } from '../../data/api.ts';
import { formatTime } from '../../data/format.ts';
import { now } from '../../data/store.ts';
import { type NotifyKey, tn, whyOf } from './notify-texts.ts';

interface Told {
  readonly receiver: string;
  readonly what: string;
  readonly delivery: string;
  readonly at: number;
  readonly state: string;
  readonly doneAt: number | null;
  readonly error: string | null;
}

const ROUND_MS = 5000;

/** Who was told of an alarm, asked for when it is opened. */
export function ToldOf({ id, zone }: { readonly id: string; readonly zone: string }) {
  const [told, setTold] = useState<readonly Told[] | undefined>(undefined);
  const [isOpen, setOpen] = useState(false);
  // What is on its way gets there by itself.
  const round = isOpen ? Math.floor(now.value / ROUND_MS) : 0;
  useEffect(() => {
    if (!isOpen) return;
    ask<{ told: readonly Told[] }>(`/alarms/${encodeURIComponent(id)}`).then(
      (found) => setTold(found.told),
      () => {},
    );
  }, [id, isOpen, round]);
  return (
    <details class="small" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="muted">{tn('told')}</summary>
      {told?.length === 0 ? <p class="muted">{tn('told.none')}</p> : null}
      <ul class="told">
        {(told ?? []).map((line) => (
          <li key={`${line.delivery} ${line.what} ${line.at}`}>
            {formatTime(line.doneAt ?? line.at, zone)} {line.receiver}: {tn(`what.${line.what}` as NotifyKey)} ·{' '}
            {tn(`sent.${line.state}` as NotifyKey)}
            {line.error ? <span class="muted">{whyOf(line.error)}</span> : null}
          </li>
        ))}
      </ul>
    </details>
  );
}

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { alarmChanges, loadAttention } from '../../data/alarm-store.ts';
import { type Alarm, ask } from '../../data/api.ts';
import { AlarmRow } from './alarm-row.tsx';
import { ta } from './alarm-texts.ts';

/** The one alarm that the address names, whatever list it is in: a link from a chart or a message opens it. */
export function NamedAlarm({ id, mayAct }: { readonly id: string; readonly mayAct: boolean }) {
  const found = useSignal<Alarm | 'gone' | undefined>(undefined);
  const changes = alarmChanges.value;
  useEffect(() => {
    ask<{ alarm: Alarm }>(`/alarms/${encodeURIComponent(id)}`).then(
      ({ alarm }) => {
        found.value = alarm;
      },
      () => {
        found.value = 'gone';
      },
    );
  }, [id, changes]);
  if (found.value === undefined) return null;
  return (
    <section class="named-alarm" aria-label={ta('named')}>
      <h2>{ta('named')}</h2>
      {found.value === 'gone' ? (
        <p class="card hint">{ta('named.gone')}</p>
      ) : (
        <ul class="card alarm-rows" data-alarm={id}>
          <AlarmRow alarm={found.value} mayAct={mayAct} done={() => void loadAttention()} />
        </ul>
      )}
    </section>
  );
}

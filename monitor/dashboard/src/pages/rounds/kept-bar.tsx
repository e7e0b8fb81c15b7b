import { useEffect, useState } from 'preact/hooks';
import { faultText } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { Mark } from '../../kit/mark.tsx';
import { kept, lookAtKept, phone, sendKept } from './kept.ts';
import type { Done } from './outbox.ts';
import { tr } from './texts.ts';
import { timeText } from './time-text.ts';

/** What was done on this phone and is not at the hub: it says so on every part of this page. */
export function KeptBar() {
  const [canKeep, setCanKeep] = useState(true);
  useEffect(() => {
    lookAtKept().catch(() => setCanKeep(false));
  }, []);
  const held = session.value;
  const who = held.state === 'in' ? held.me.name : undefined;
  const refused = kept.value.filter((walk) => walk.refused !== undefined);
  const waiting = kept.value.filter((walk) => walk.refused === undefined && walk.who === who).length;
  const others = kept.value.length - refused.length - waiting;
  return (
    <div role="status" class="kept-bars">
      {canKeep ? null : <p class="card kept">{tr('no.store')}</p>}
      {waiting > 0 ? (
        <p class="card kept" data-kept={waiting}>
          <Mark shape="diamond" tone="medium" />
          <span>{tr('kept', { n: waiting })}</span>
          <button type="button" class="act" onClick={() => void sendKept().catch(() => {})}>
            {tr('kept.send')}
          </button>
        </p>
      ) : null}
      {others > 0 ? <p class="card kept muted">{tr('kept.other', { n: others })}</p> : null}
      {refused.map((walk) => (
        <Refused key={walk.id} walk={walk} />
      ))}
    </div>
  );
}

function Refused({ walk }: { readonly walk: Done }) {
  const [asks, setAsks] = useState(false);
  const why = faultText(walk.refused, undefined).text;
  const drop = async () => {
    await phone.remove(walk.id);
    await lookAtKept();
  };
  return (
    <div class="card kept" data-refused={walk.id}>
      <Mark shape="triangle" tone="high" />
      <span>{tr('kept.refused', { name: walk.body.name, time: timeText(walk.finishedAt), why })}</span>
      {asks ? (
        <>
          <span>{tr('kept.sure')}</span>
          <button type="button" class="act" onClick={() => void drop()}>
            {tr('kept.yes')}
          </button>
          <button type="button" class="plain" onClick={() => setAsks(false)}>
            {tr('kept.no')}
          </button>
        </>
      ) : (
        <button type="button" class="plain" onClick={() => setAsks(true)}>
          {tr('kept.drop')}
        </button>
      )}
    </div>
  );
}

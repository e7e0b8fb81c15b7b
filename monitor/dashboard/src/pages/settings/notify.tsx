import { useState } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { FromFile } from './from-file.tsx';
import { MailServer } from './mail-server.tsx';
import { NOTIFY_SETTINGS, type NotifySettings, type Receiver, removeReceiver } from './notify-api.ts';
import { tw } from './notify-texts.ts';
import { Card, Sure, Trouble } from './parts.tsx';
import { PlanCard } from './plan-card.tsx';
import type { Kind } from './receiver-fields.ts';
import { ReceiverForm } from './receiver-form.tsx';
import { TestButton } from './test-button.tsx';
import { ts } from './texts.ts';
import { useHub } from './use-hub.ts';
import { listOf } from './wishes.tsx';

/** Who is told of alarms, how and when. */
export function NotifySection() {
  const { held, problem, load, act } = useHub<NotifySettings>(NOTIFY_SETTINGS);
  const [opened, setOpened] = useState<'new' | Receiver | undefined>(undefined);
  if (!held) return <Trouble text={problem} />;
  const done = () => {
    setOpened(undefined);
    void load();
  };
  return (
    <>
      <Card title={tw('receivers')} hint={tw('receivers.hint')}>
        <Trouble text={problem || (held.problem === null ? '' : tw('problem', { why: held.problem }))} />
        <ul class="lines">
          {held.receivers.map((receiver) => (
            <li key={receiver.name} data-receiver={receiver.name}>
              <ReceiverLine
                receiver={receiver}
                edit={() => setOpened(receiver)}
                remove={() => void act(() => removeReceiver(receiver.name, held.version))}
              />
            </li>
          ))}
        </ul>
        {held.receivers.length === 0 ? <p class="muted">{tw('none')}</p> : null}
        <p class="acts">
          <button type="button" class="act" onClick={() => setOpened('new')}>
            {tw('add')}
          </button>
          <a class="act link" href={addressHash({ page: 'alarms', query: { tab: 'health' } })}>
            {tw('log')}
          </a>
        </p>
      </Card>
      <MailServer held={held} done={load} />
      <PlanCard held={held} done={load} />
      {opened ? (
        <ReceiverForm
          all={held}
          held={opened === 'new' ? undefined : opened}
          close={() => setOpened(undefined)}
          done={done}
        />
      ) : null}
    </>
  );
}

interface ReceiverLineProps {
  readonly receiver: Receiver;
  readonly edit: () => void;
  readonly remove: () => void;
}

function ReceiverLine({ receiver, edit, remove }: ReceiverLineProps) {
  const { name, source, settings } = receiver;
  const { kind, to, chat, url, quietHours } = settings;
  const priorities = listOf(settings.priorities)?.map((each) => t(`priority.${each}` as 'priority.high'));
  const quiet = quietHours as { from: string; to: string } | undefined;
  const facts = [
    tw(`kind.${kind as Kind}`),
    listOf(to)?.join(', ') ?? chat ?? url ?? '',
    priorities?.join(', ') ?? tw('priorities.all'),
    listOf(settings.sites)?.join(', ') ?? '',
    quiet ? tw('quiet.said', quiet) : '',
  ];
  return (
    <>
      <span class="said">
        <strong>
          {name}
          <FromFile source={source} />
        </strong>
        <span class="muted small">{facts.filter(Boolean).join(' · ')}</span>
      </span>
      <TestButton name={name} />
      {source === 'page' ? (
        <span class="acts">
          <button type="button" class="act" aria-label={`${tw('change')}: ${name}`} onClick={edit}>
            {tw('change')}
          </button>
          <Sure text={ts('remove')} label={`${ts('remove')}: ${name}`} act={remove} />
        </span>
      ) : null}
    </>
  );
}

import { useState } from 'preact/hooks';
import { t } from '../../data/i18n.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { FromFile, FromFileHint } from './from-file.tsx';
import { GivenFields } from './given-fields.tsx';
import { type NotifySettings, saveSmtp } from './notify-api.ts';
import { tw } from './notify-texts.ts';
import { Card, Sure, Trouble } from './parts.tsx';
import { FIELDS, toSettings, toTexts } from './receiver-fields.ts';
import { refusalText } from './refusal-text.ts';
import { ts } from './texts.ts';

interface MailServerProps {
  readonly held: NotifySettings;
  readonly done: () => Promise<void>;
}

export function MailServer({ held, done }: MailServerProps) {
  const { smtp, version } = held;
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState('');
  const remove = async () => {
    try {
      await saveSmtp({ from: version, settings: null });
      setProblem('');
      await done();
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  return (
    <Card title={tw('smtp')} hint={tw('smtp.hint')}>
      <Trouble text={problem} />
      {smtp ? (
        <p>
          <strong>{`${smtp.settings.host}:${smtp.settings.port}`}</strong>
          <FromFile source={smtp.source} /> <span class="muted small">{String(smtp.settings.from)}</span>
        </p>
      ) : (
        <p class="muted">{tw('smtp.none')}</p>
      )}
      {smtp?.source === 'hub.yaml' ? (
        <FromFileHint />
      ) : (
        <p class="acts">
          <button type="button" class="act" onClick={() => setOpen(true)}>
            {tw('smtp.set')}
          </button>
          {smtp ? (
            <Sure text={ts('remove')} label={`${ts('remove')}: ${tw('smtp')}`} act={() => void remove()} />
          ) : null}
        </p>
      )}
      {isOpen ? (
        <ServerForm
          held={held}
          close={() => setOpen(false)}
          done={() => {
            setOpen(false);
            void done();
          }}
        />
      ) : null}
    </Card>
  );
}

interface ServerFormProps {
  readonly held: NotifySettings;
  readonly close: () => void;
  readonly done: () => void;
}

function ServerForm({ held: { smtp, version }, close, done }: ServerFormProps) {
  const [texts, setTexts] = useState(toTexts(FIELDS.smtp, smtp?.settings ?? {}));
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    const given = Object.fromEntries(Object.entries(secrets).filter(([, text]) => text.trim() !== ''));
    try {
      await saveSmtp({ from: version, settings: toSettings(FIELDS.smtp, texts, {}), secrets: given });
      done();
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  return (
    <Dialog title={tw('smtp')} kind="smtp" close={close} closeText={t('close')}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <GivenFields
          fields={FIELDS.smtp}
          {...{ texts, secrets }}
          kept={smtp?.secrets ?? []}
          set={(key, text) => setTexts({ ...texts, [key]: text })}
          setSecret={(key, text) => setSecrets({ ...secrets, [key]: text })}
        />
        <Trouble text={problem} />
        <button type="submit" class="act">
          {ts('save')}
        </button>
      </form>
    </Dialog>
  );
}

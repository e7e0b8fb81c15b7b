import { useState } from 'preact/hooks';
import { language, t } from '../../data/i18n.ts';
import { browserZone } from '../../data/zone.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { GivenFields } from './given-fields.tsx';
import { type NotifySettings, type Receiver, saveReceiver } from './notify-api.ts';
import { tw } from './notify-texts.ts';
import { Trouble } from './parts.tsx';
import { FIELDS, KINDS, type Kind, type Settings, toSettings, toTexts } from './receiver-fields.ts';
import { refusalText } from './refusal-text.ts';
import { ts } from './texts.ts';
import { Wishes } from './wishes.tsx';

interface ReceiverFormProps {
  readonly all: NotifySettings;
  /** Left out: a new one. */
  readonly held?: Receiver | undefined;
  readonly close: () => void;
  readonly done: () => void;
}

export function ReceiverForm({ all, held, close, done }: ReceiverFormProps) {
  const [name, setName] = useState(held?.name ?? '');
  const [kind, setKind] = useState<Kind>((held?.settings.kind as Kind | undefined) ?? 'email');
  const [wishes, setWishes] = useState<Settings>(held?.settings ?? { language: language.value });
  const [texts, setTexts] = useState(toTexts(FIELDS[kind], held?.settings ?? {}));
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState('');
  const choose = (wanted: Kind) => {
    setKind(wanted);
    setTexts(toTexts(FIELDS[wanted], {}));
    setSecrets({});
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    let settings: Settings;
    try {
      settings = toSettings(FIELDS[kind], texts, { ...wishes, kind });
    } catch {
      return setProblem(tw('bad.json'));
    }
    const given = Object.fromEntries(Object.entries(secrets).filter(([, text]) => text.trim() !== ''));
    // Settings for the first time: the hours are those of whoever sets them.
    const timezone = all.timezone.source === 'page' && !all.timezone.isSet ? { timezone: browserZone() } : {};
    try {
      await saveReceiver(name, { from: all.version, settings, secrets: given, ...timezone });
      done();
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  const title = held ? `${tw('change')}: ${held.name}` : tw('add');
  const lacksServer = kind === 'email' && all.smtp === null;
  return (
    <Dialog title={title} kind="receiver" close={close} closeText={t('close')}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        {held ? null : (
          <>
            <div class="select">
              <label>
                {tw('kind')}
                <select name="kind" value={kind} onChange={(event) => choose(event.currentTarget.value as Kind)}>
                  {KINDS.map((each) => (
                    <option key={each} value={each}>
                      {tw(`kind.${each}`)}
                    </option>
                  ))}
                </select>
              </label>
            </div>
            <label>
              <span>
                {tw('name')} <span class="muted small">{tw('name.hint')}</span>
              </span>
              <input
                name="name"
                required
                maxLength={63}
                pattern="[a-z0-9][a-z0-9._\-]*"
                value={name}
                onInput={(event) => setName(event.currentTarget.value)}
              />
            </label>
          </>
        )}
        {lacksServer ? <p role="status">{tw('smtp.first')}</p> : null}
        <GivenFields
          fields={FIELDS[kind]}
          {...{ texts, secrets }}
          kept={held?.secrets ?? []}
          set={(key, text) => setTexts({ ...texts, [key]: text })}
          setSecret={(key, text) => setSecrets({ ...secrets, [key]: text })}
        />
        <Wishes settings={wishes} change={setWishes} />
        <Trouble text={problem} />
        <button type="submit" class="act" disabled={lacksServer}>
          {ts('save')}
        </button>
      </form>
    </Dialog>
  );
}

import { useState } from 'preact/hooks';
import { t } from '../../data/i18n.ts';
import { zones } from '../../data/zone.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Names } from './names.tsx';
import { type NotifySettings, type Roster, type Step, savePlan, type Turn } from './notify-api.ts';
import { tw } from './notify-texts.ts';
import { Trouble } from './parts.tsx';
import { refusalText } from './refusal-text.ts';
import { ts } from './texts.ts';
import { TurnFields } from './turn-fields.tsx';

interface PlanFormProps {
  readonly held: NotifySettings;
  readonly close: () => void;
  readonly done: () => void;
}

const NIGHT: Turn = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  from: '20:00',
  to: '08:00',
  receivers: [],
};
const MINUTE_MS = 60_000;

/** Rosters and steps of the page; those of hub.yaml may be named, not changed. */
export function PlanForm({ held, close, done }: PlanFormProps) {
  const [zone, setZone] = useState(held.timezone.name);
  const [rosters, setRosters] = useState<readonly Roster[]>(held.rosters.filter(({ source }) => source === 'page'));
  const ofFile = held.rosters.filter(({ source }) => source !== 'page').map(({ name }) => name);
  const mayStep = held.escalation.source === 'page';
  const [steps, setSteps] = useState<readonly Step[]>(mayStep ? held.escalation.steps : []);
  const [problem, setProblem] = useState('');
  const receivers = held.receivers.map(({ name }) => name);
  const setRoster = (index: number, part: Partial<Roster>) =>
    setRosters(rosters.map((each, i) => (i === index ? { ...each, ...part } : each)));
  const setStep = (index: number, part: Partial<Step>) =>
    setSteps(steps.map((each, i) => (i === index ? { ...each, ...part } : each)));
  const submit = async (event: Event) => {
    event.preventDefault();
    const isOwnZone = held.timezone.source === 'page';
    try {
      await savePlan(held.version, { ...(isOwnZone ? { timezone: zone } : {}), rosters, steps });
      done();
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  return (
    <Dialog title={tw('plan')} kind="who-when" close={close} closeText={t('close')}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        {held.timezone.source === 'page' ? (
          <div class="select">
            <label>
              {tw('zone')}
              <select value={zone} onChange={(event) => setZone(event.currentTarget.value)}>
                {zones(zone).map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
          </div>
        ) : null}
        {rosters.map((roster, index) => (
          <fieldset key={index} class="part">
            <legend>{tw('roster')}</legend>
            <label>
              {tw('name')}
              <input
                required
                pattern="[a-z0-9][a-z0-9._\-]*"
                value={roster.name}
                onInput={(event) => setRoster(index, { name: event.currentTarget.value })}
              />
            </label>
            {roster.turns.map((turn, n) => (
              <TurnFields
                key={n}
                {...{ turn, n, receivers }}
                change={(part) =>
                  setRoster(index, { turns: roster.turns.map((each, i) => (i === n ? { ...each, ...part } : each)) })
                }
                remove={() => setRoster(index, { turns: roster.turns.filter((_, i) => i !== n) })}
              />
            ))}
            <p class="acts">
              <button type="button" class="act" onClick={() => setRoster(index, { turns: [...roster.turns, NIGHT] })}>
                {tw('turn.add')}
              </button>
              <button
                type="button"
                class="plain"
                aria-label={`${ts('remove')}: ${tw('roster')} ${roster.name}`}
                onClick={() => setRosters(rosters.filter((_, i) => i !== index))}
              >
                {ts('remove')}
              </button>
            </p>
          </fieldset>
        ))}
        <p>
          <button
            type="button"
            class="act"
            onClick={() => setRosters([...rosters, { name: '', source: 'page', timezone: null, turns: [NIGHT] }])}
          >
            {tw('roster.add')}
          </button>
        </p>
        {steps.map((step, index) => (
          <fieldset key={index} class="part">
            <legend>{tw('step', { n: index + 1 })}</legend>
            <label>
              {tw('step.after')}
              <input
                type="number"
                required
                min={0}
                max={1440}
                step="any"
                value={step.afterMs / MINUTE_MS}
                onInput={(event) => setStep(index, { afterMs: Number(event.currentTarget.value) * MINUTE_MS })}
              />
            </label>
            <Names
              legend={tw('told')}
              all={[...receivers, ...ofFile, ...rosters.map(({ name }) => name).filter(Boolean)]}
              chosen={step.to}
              change={(to) => setStep(index, { to })}
            />
            <p class="acts">
              <button
                type="button"
                class="plain"
                aria-label={`${ts('remove')}: ${tw('step', { n: index + 1 })}`}
                onClick={() => setSteps(steps.filter((_, i) => i !== index))}
              >
                {ts('remove')}
              </button>
            </p>
          </fieldset>
        ))}
        {mayStep ? (
          <p>
            <button type="button" class="act" onClick={() => setSteps([...steps, nextStep(steps)])}>
              {tw('step.add')}
            </button>
          </p>
        ) : null}
        <Trouble text={problem} />
        <button type="submit" class="act">
          {ts('save')}
        </button>
      </form>
    </Dialog>
  );
}

function nextStep(steps: readonly Step[]): Step {
  const last = steps.at(-1);
  return { afterMs: last === undefined ? 0 : last.afterMs + 15 * MINUTE_MS, to: [] };
}

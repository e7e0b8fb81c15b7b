import { useSignal } from '@preact/signals';
import { goTo } from '../../app/address.ts';
import { type ConfigProblem, post, Refusal } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { Prose } from '../../kit/prose.tsx';
import { Preview } from './preview.tsx';
import { type Planned, type Rollout, useGroups, whyNot } from './rollout-data.ts';
import { tr } from './texts.ts';

interface Draft {
  readonly name: string;
  readonly group: string;
  readonly change: string;
  readonly rings: string;
  readonly soak: string;
  readonly tolerance: string;
  readonly whenAway: 'wait' | 'skip';
  readonly without: readonly string[];
}

const BEGIN: Draft = {
  ...{ name: '', group: '', change: 'devices:\n  "*":\n    every: 10s\n', rings: '1, 10%', soak: '10m' },
  ...{ tolerance: '0', whenAway: 'wait', without: [] },
};

interface Looked {
  /** What was asked, as it was then. */
  readonly of: string;
  readonly gateways: readonly Planned[];
}

/** A change, its group and its rings; what it would do to every gateway is seen before anything begins. */
export function NewRollout() {
  const held = useSignal<Draft>(BEGIN);
  const looked = useSignal<Looked | undefined>(undefined);
  const told = useSignal<{ readonly why: string; readonly problems: readonly ConfigProblem[] } | undefined>(undefined);
  const groups = useGroups().is?.documents;
  if (groups === undefined) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  const draft = { ...held.value, group: held.value.group || (groups[0]?.id ?? '') };
  const set = (more: Partial<Draft>) => {
    held.value = { ...draft, ...more };
  };
  const { name, group, change, without, soak, tolerance, whenAway } = draft;
  const rings = draft.rings
    .split(',')
    .map((ring) => ring.trim())
    .filter((ring) => ring !== '');
  const asked = { group, change, rings, without };
  const failed = (error: unknown) => {
    told.value = { why: whyNot(error), problems: error instanceof Refusal ? error.problems : [] };
  };
  const preview = (leftOut: readonly string[]) => {
    const now = { ...asked, without: leftOut };
    post<{ gateways: Planned[] }>('/rollouts/preview', now).then(({ gateways }) => {
      told.value = undefined;
      looked.value = { of: JSON.stringify(now), gateways };
    }, failed);
  };
  const start = () => {
    const terms = { name, soak, tolerance: Number(tolerance), whenAway };
    post<Rollout>('/rollouts', { ...asked, ...terms }).then(
      ({ id }) => goTo({ page: 'rollouts', rest: [String(id)] }),
      failed,
    );
  };
  const field = (name: FieldName) => ({
    ...{ name, value: draft[name] },
    set: (value: string) => set({ [name]: value }),
  });
  return (
    <>
      <form
        class="card part rollout-form"
        onSubmit={(event) => {
          event.preventDefault();
          preview(without);
        }}
      >
        <h2>{tr('new')}</h2>
        <div class="rollout-fields">
          <Field {...field('name')} />
          <label>
            {tr('group')}
            <select
              name="group"
              value={group}
              onChange={({ currentTarget }) => set({ group: currentTarget.value, without: [] })}
            >
              {groups.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </select>
          </label>
          <Field {...field('rings')} hint={tr('rings.hint')} isOptional />
          <Field {...field('soak')} hint={tr('soak.hint')} />
          <Field {...field('tolerance')} isNumber />
          <label>
            {tr('whenAway')}
            <select
              name="whenAway"
              value={whenAway}
              onChange={({ currentTarget }) => set({ whenAway: currentTarget.value as Draft['whenAway'] })}
            >
              <option value="wait">{tr('whenAway.wait')}</option>
              <option value="skip">{tr('whenAway.skip')}</option>
            </select>
          </label>
        </div>
        <label>
          {tr('change')}
          <textarea
            name="change"
            rows={8}
            spellcheck={false}
            value={change}
            onInput={({ currentTarget }) => set({ change: currentTarget.value })}
          />
          <span class="muted">
            <Prose text={tr('change.hint')} />
          </span>
        </label>
        <p class="ways">
          <button type="submit" class="act">
            {tr('preview')}
          </button>
        </p>
        {told.value ? <Told {...told.value} /> : null}
      </form>
      {looked.value ? (
        <Preview
          planned={looked.value.gateways}
          isStale={looked.value.of !== JSON.stringify(asked)}
          without={without}
          leave={(next) => {
            set({ without: next });
            preview(next);
          }}
          start={start}
        />
      ) : null}
    </>
  );
}

type FieldName = 'name' | 'rings' | 'soak' | 'tolerance';

interface FieldProps {
  readonly name: FieldName;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly hint?: string;
  readonly isOptional?: boolean;
  readonly isNumber?: boolean;
}

function Field({ name, value, set, hint, isOptional = false, isNumber = false }: FieldProps) {
  return (
    <label>
      {tr(name)}
      <input
        {...{ name, value }}
        maxLength={100}
        inputMode={isNumber ? 'numeric' : 'text'}
        pattern={isNumber ? '[0-9]{1,5}' : '.*'}
        required={!isOptional}
        onInput={({ currentTarget }) => set(currentTarget.value)}
      />
      {hint ? <span class="muted">{hint}</span> : null}
    </label>
  );
}

function Told({ why, problems }: { readonly why: string; readonly problems: readonly ConfigProblem[] }) {
  return (
    <div role="alert">
      <p class="problem">{why}</p>
      <ul class="config-problems">
        {problems.map(({ line, path, message }) => (
          <li key={`${line} ${path} ${message}`}>
            {tr('problem.line', { line })} {path ? <code>{path}</code> : null} <Prose text={message} />
          </li>
        ))}
      </ul>
    </div>
  );
}

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { goTo } from '../../app/address.ts';
import { ask, post } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { gateways } from '../../data/store.ts';
import { newDocumentId, type SavedDocument } from '../documents/document-api.ts';
import { GROUP_KIND, type Group, mayRoll, useGroups, whyNot } from './rollout-data.ts';
import { tr } from './texts.ts';

interface Held extends Group {
  /** The version that is changed; 0 for a new one. */
  readonly from: number;
}

const NEW: Held = { from: 0, name: '', gateways: [], sites: [] };

/** Which gateways a group has: in the order they are chosen they take their turns. */
export function GroupForm({ id }: { readonly id: string | undefined }) {
  const held = useSignal<Held | undefined>(id === undefined ? NEW : undefined);
  const problem = useSignal('');
  const taken = useGroups().is?.documents;
  const path = `/documents/${GROUP_KIND}`;
  const failed = (error: unknown) => {
    problem.value = whyNot(error);
  };
  useEffect(() => {
    if (id === undefined) return;
    ask<SavedDocument<Group>>(`${path}/${id}`).then(({ version, body }) => {
      held.value = { ...body, from: version };
    }, failed);
  }, []);
  const group = held.value;
  const known = gateways.value;
  if (group === undefined || known === undefined || taken === undefined)
    return problem.value ? (
      <p role="alert">{problem.value}</p>
    ) : (
      <div class="card skeleton" role="status" aria-label={t('state.loading')} />
    );
  const { from, ...body } = group;
  const done = () => goTo({ page: 'rollouts' });
  const save = () => {
    if (body.gateways.length + body.sites.length === 0) {
      problem.value = tr('group.empty');
      return;
    }
    const as =
      id ??
      newDocumentId(
        body.name,
        'group',
        taken.map((each) => each.id),
      );
    post(`${path}/${as}`, { from, body }).then(done, failed);
  };
  const sites = [...new Set([...known.flatMap(({ site }) => site ?? []), ...body.sites])].sort();
  const ids = [...new Set([...known.map((each) => each.id), ...body.gateways])].sort();
  const isFixed = !mayRoll();
  return (
    <form
      class="card part rollout-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label>
        {tr('group.name')}
        <input
          name="name"
          required
          maxLength={100}
          disabled={isFixed}
          value={body.name}
          onInput={({ currentTarget }) => {
            held.value = { ...group, name: currentTarget.value };
          }}
        />
      </label>
      <Choice
        legend={tr('group.gateways')}
        {...{ all: ids, chosen: body.gateways, isFixed }}
        choose={(chosen) => {
          held.value = { ...group, gateways: chosen };
        }}
      />
      <Choice
        legend={tr('group.sites')}
        {...{ all: sites, chosen: body.sites, isFixed }}
        choose={(chosen) => {
          held.value = { ...group, sites: chosen };
        }}
      />
      {problem.value ? (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      ) : null}
      {isFixed ? null : (
        <p class="ways">
          <button type="submit" class="act">
            {tr('group.save')}
          </button>
          {id === undefined ? null : (
            <button
              type="button"
              class="plain"
              onClick={() => post(`${path}/${id}/remove`, { from }).then(done, failed)}
            >
              {tr('group.remove')}
            </button>
          )}
        </p>
      )}
    </form>
  );
}

interface ChoiceProps {
  readonly legend: string;
  readonly all: readonly string[];
  readonly chosen: readonly string[];
  readonly isFixed: boolean;
  readonly choose: (chosen: readonly string[]) => void;
}

function Choice({ legend, all, chosen, isFixed, choose }: ChoiceProps) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {all.map((each) => (
        <label key={each} class="check">
          <input
            type="checkbox"
            disabled={isFixed}
            checked={chosen.includes(each)}
            onChange={({ currentTarget }) =>
              choose(currentTarget.checked ? [...chosen, each] : chosen.filter((other) => other !== each))
            }
          />
          {each}
        </label>
      ))}
    </fieldset>
  );
}

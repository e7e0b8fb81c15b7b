import { useSignal } from '@preact/signals';
import { decimalsOf, formatNumber } from '../../data/format.ts';
import { faultText, language, type Titles, t, titleOf } from '../../data/i18n.ts';
import { faultOf } from '../../data/store.ts';
import { Table } from '../gateways/table.tsx';
import { type Draft, deviceOf, isReady, NAME, nameFor, RHYTHMS } from './draft.ts';
import { useOrder } from './order.ts';
import { tn } from './texts.ts';
import { orderProblem, whyOf } from './why.ts';

export interface ProfileEntry {
  readonly name: string;
  readonly vendor: string;
  readonly models: readonly string[];
  readonly driver: string;
}

interface ReadValue {
  readonly point: string;
  readonly title: Titles;
  readonly unit?: string;
  readonly value: number | boolean | string | null;
  readonly fault?: string;
}

interface DeviceStepProps {
  readonly gateway: string;
  readonly line: Readonly<Record<string, unknown>>;
  readonly profiles: readonly ProfileEntry[];
  readonly draft: Draft;
  readonly changed: (change: Partial<Draft>) => void;
}

/** What it is, what it is called, and what it says now. */
export function DeviceStep({ gateway, line, profiles, draft, changed }: DeviceStepProps) {
  const { order, isUnderWay, give, forget } = useOrder<{ values: ReadValue[] }>(gateway, 'read');
  const problem = useSignal('');
  const read = async () => {
    problem.value = '';
    try {
      await give({ line, device: deviceOf(draft, language.value) });
    } catch (error) {
      problem.value = whyOf(error);
    }
  };
  const change = (to: Partial<Draft>) => {
    // What was read is about another device now.
    if ('unitId' in to || 'profile' in to) forget();
    changed(to);
  };
  const now = order.value;
  const why = problem.value || (now ? orderProblem(now) : '');
  return (
    <fieldset class="card part step">
      <legend>{tn('device.title')}</legend>
      <div class="fields">
        <label>
          {tn('profile')}
          <select
            required
            value={draft.profile}
            onChange={({ currentTarget: { value } }) => {
              const isOurs = draft.name === '' || draft.name === nameFor(draft.profile, draft.unitId);
              change({ profile: value, ...(isOurs && value ? { name: nameFor(value, draft.unitId) } : {}) });
            }}
          >
            <option value="">{tn('profile.choose')}</option>
            {profiles.map(({ name, vendor, models }) => (
              <option key={name} value={name}>
                {vendor} {models.join(', ')} ({name})
              </option>
            ))}
          </select>
          {profiles.length === 0 ? <span class="muted small">{tn('profile.none')}</span> : null}
        </label>
        <label>
          {tn('unit')}
          <input
            type="number"
            min={0}
            max={255}
            required
            value={draft.unitId}
            onInput={(event) => change({ unitId: Number(event.currentTarget.value) })}
          />
        </label>
        <label>
          {tn('device.name')}
          <input
            required
            pattern={NAME}
            title={tn('name.hint')}
            value={draft.name}
            onInput={(event) => changed({ name: event.currentTarget.value })}
          />
          <span class="muted small">{tn('name.hint')}</span>
        </label>
        <label>
          {tn('device.shown')}
          <input
            maxLength={100}
            value={draft.title}
            onInput={(event) => changed({ title: event.currentTarget.value })}
          />
        </label>
        <label>
          {tn('every')}
          <select
            value={String(draft.every)}
            onChange={(event) => changed({ every: Number(event.currentTarget.value) })}
          >
            {RHYTHMS.map((seconds) => (
              <option key={seconds} value={String(seconds)}>
                {tn('every.s', { n: seconds })}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="ways">
        <button type="button" class="act" disabled={!isReady(draft) || isUnderWay} onClick={() => void read()}>
          {tn(isUnderWay ? 'reading' : 'read')}
        </button>
      </p>
      {why ? (
        <p class="problem" role="alert">
          {why}
        </p>
      ) : null}
      {now?.state === 'done' && now.body ? <Values values={now.body.values} /> : null}
    </fieldset>
  );
}

function Values({ values }: { readonly values: readonly ReadValue[] }) {
  return (
    <section data-read={values.length}>
      <h4>{tn('values.title')}</h4>
      <Table name={tn('values.title')} heads={[tn('point'), tn('value')]}>
        {values.map(({ point, title, value, unit, fault }) => (
          <tr key={point}>
            <th scope="row">{titleOf(title, point)}</th>
            <td class="number">
              {value === null ? (
                <span class="muted">– {faultText(fault, faultOf(fault)).text}</span>
              ) : (
                `${textOf(value)} ${unit ?? ''}`
              )}
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

const LEAST_DECIMALS = 3;

function textOf(value: number | boolean | string): string {
  if (typeof value === 'boolean') return value ? t('on') : t('off');
  if (typeof value === 'string') return value;
  return formatNumber(value, Number.isInteger(value) ? 0 : Math.max(LEAST_DECIMALS, decimalsOf(value)));
}

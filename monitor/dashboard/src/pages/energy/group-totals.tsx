import { formatAge } from '../../data/format.ts';
import { t, titleOf } from '../../data/i18n.ts';
import type { GroupReport } from './energy-data.ts';
import { PERIODS, type Period } from './energy-source.ts';
import { kwText } from './kw-text.ts';
import { te } from './texts.ts';

interface Props {
  /** Undefined: they are being asked for. */
  readonly groups: readonly GroupReport[] | undefined;
  readonly period: Period;
  readonly choose: (period: Period) => void;
}

/** What each group used. Groups may share meters: there is no sum of all. */
export function GroupTotals({ groups, period, choose }: Props) {
  return (
    <section class="card totals" aria-label={te('groups')}>
      <header>
        <h2>{te('groups')}</h2>
        <fieldset class="choice">
          <legend class="hidden">{te('period')}</legend>
          {PERIODS.map((name) => (
            <button type="button" key={name} aria-pressed={name === period} onClick={() => choose(name)}>
              {te(`period.${name}`)}
            </button>
          ))}
        </fieldset>
      </header>
      {groups === undefined ? (
        <div class="skeleton" role="status" aria-label={t('state.loading')} />
      ) : (
        <Table groups={groups} />
      )}
    </section>
  );
}

function Table({ groups }: { readonly groups: readonly GroupReport[] }) {
  const most = Math.max(1e-9, ...groups.map(({ total }) => total));
  return (
    <table>
      <thead class="hidden">
        <tr>
          <th scope="col">{te('group')}</th>
          <th scope="col">{te('share')}</th>
          <th scope="col">kWh</th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <Row key={group.name} group={group} most={most} />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  group: { name, title, rows, total, unplaced },
  most,
}: {
  readonly group: GroupReport;
  readonly most: number;
}) {
  const missingMs = rows.reduce((sum, [, , missing]) => sum + missing, 0);
  const isKnown = unplaced > 0 || rows.some(([, kwh]) => kwh !== null);
  return (
    <tr>
      <th scope="row">
        {titleOf(title, name)}
        {missingMs > 0 ? <span class="muted small">{te('unknown.for', { age: formatAge(missingMs) })}</span> : null}
        {unplaced > 0 ? <span class="muted small">{te('unplaced', { kwh: kwText(unplaced) })}</span> : null}
      </th>
      <td class="total-bar" aria-hidden="true">
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <rect width={isKnown ? (100 * total) / most : 0} height="10" />
        </svg>
      </td>
      <td>
        {isKnown ? (
          <>
            {missingMs > 0 ? '≥ ' : ''}
            <strong>{kwText(total)}</strong> kWh
          </>
        ) : (
          te('unknown')
        )}
      </td>
    </tr>
  );
}

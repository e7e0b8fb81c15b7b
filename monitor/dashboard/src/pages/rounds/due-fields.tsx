import { type DueKind, dueKind, withDue } from './draft.ts';
import { DAYS, type Due, type Round } from './round.ts';
import { tr } from './texts.ts';

const KINDS: readonly DueKind[] = ['none', 'week', 'month'];

export function DueFields({ round, changed }: { readonly round: Round; readonly changed: (next: Round) => void }) {
  const { due } = round;
  const kind = dueKind(round);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const set = (part: Partial<Due>) => due && changed({ ...round, due: { ...due, ...part } });
  return (
    <>
      <label>
        {tr('due')}
        <select
          value={kind}
          onChange={({ currentTarget: { value } }) =>
            changed(withDue(round, KINDS.find((each) => each === value) ?? 'none', zone))
          }
        >
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {tr(`due.${each}`)}
            </option>
          ))}
        </select>
      </label>
      {due ? (
        <>
          <label>
            {tr('due.by')}
            <input type="time" required value={due.by} onInput={(event) => set({ by: event.currentTarget.value })} />
          </label>
          <label>
            {tr('zone')}
            <input required value={due.timezone} onInput={(event) => set({ timezone: event.currentTarget.value })} />
          </label>
        </>
      ) : null}
      {due && kind === 'month' ? (
        <label>
          {tr('due.day')}
          <input
            type="number"
            required
            min={1}
            max={28}
            value={due.dayOfMonth}
            onInput={(event) => set({ dayOfMonth: event.currentTarget.valueAsNumber })}
          />
        </label>
      ) : null}
      {due && kind === 'week' ? (
        <fieldset class="days">
          <legend class="hidden">{tr('due.week')}</legend>
          {DAYS.map((day) => (
            <label key={day} class="check">
              <input
                type="checkbox"
                checked={due.days.includes(day)}
                onChange={({ currentTarget: { checked } }) =>
                  set({ days: DAYS.filter((each) => (each === day ? checked : due.days.includes(each))) })
                }
              />
              {tr(`day.${day}`)}
            </label>
          ))}
        </fieldset>
      ) : null}
    </>
  );
}

import { DAYS } from './days.ts';
import { Names } from './names.tsx';
import type { Turn } from './notify-api.ts';
import { tw } from './notify-texts.ts';
import { ts } from './texts.ts';
import { Times } from './wishes.tsx';

interface TurnFieldsProps {
  readonly turn: Turn;
  readonly n: number;
  readonly receivers: readonly string[];
  readonly change: (part: Partial<Turn>) => void;
  readonly remove: () => void;
}

/** On which days, from when to when, and who. */
export function TurnFields({ turn, n, receivers, change, remove }: TurnFieldsProps) {
  const title = tw('turn', { n: n + 1 });
  return (
    <fieldset class="part">
      <legend>{title}</legend>
      <div class="names">
        {DAYS.map((day) => (
          <label key={day} class="check">
            <input
              type="checkbox"
              checked={turn.days.includes(day)}
              onChange={({ currentTarget: { checked } }) =>
                change({ days: DAYS.filter((each) => (each === day ? checked : turn.days.includes(each))) })
              }
            />
            {tw(`day.${day}`)}
          </label>
        ))}
      </div>
      <Times value={turn} change={change} />
      <Names
        legend={tw('told')}
        all={receivers}
        chosen={turn.receivers}
        change={(chosen) => change({ receivers: chosen })}
      />
      <p class="acts">
        <button type="button" class="plain" aria-label={`${ts('remove')}: ${title}`} onClick={remove}>
          {ts('remove')}
        </button>
      </p>
    </fieldset>
  );
}

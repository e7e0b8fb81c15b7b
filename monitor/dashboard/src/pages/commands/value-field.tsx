import type { Point } from '../../data/api.ts';
import { valueText } from '../../data/value-text.ts';
import { tc } from './texts.ts';

interface FieldProps {
  readonly point: Point;
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}

/** A number within its range, or one of its choices. */
export function ValueField({ point, label, text, onText }: FieldProps) {
  const choices = point.enum ? Object.keys(point.enum) : point.kind === 'boolean' ? ['true', 'false'] : undefined;
  const { min, max, step, unit } = point;
  const hint = [
    min === undefined && max === undefined ? '' : tc('range', { min: min ?? '–', max: max ?? '–' }),
    step === undefined ? '' : tc('step', { step }),
    unit ?? '',
  ].filter(Boolean);
  if (choices)
    return (
      <label class="select">
        {label}
        <select value={text} onChange={(event) => onText(event.currentTarget.value)} required>
          <option value="">{tc('choose')}</option>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {valueText(point, { value: point.kind === 'boolean' ? choice === 'true' : Number(choice) })}
            </option>
          ))}
        </select>
      </label>
    );
  if (point.kind === 'text')
    return (
      <label>
        {label}
        <input value={text} autocomplete="off" onInput={(event) => onText(event.currentTarget.value)} />
      </label>
    );
  return (
    <label>
      {label} <span class="muted small">{hint.join(', ')}</span>
      <input
        type="number"
        value={text}
        min={min}
        max={max}
        step={step ?? 'any'}
        required
        autocomplete="off"
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}

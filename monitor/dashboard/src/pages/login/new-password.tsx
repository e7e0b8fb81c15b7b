import { useState } from 'preact/hooks';
import { SHORTEST, strengthOf } from './strength.ts';
import { tl } from './texts.ts';

interface NewPasswordProps {
  /** Whose. */
  readonly name: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

/** Asked for twice, with a word on how it would hold; managers of passwords know it by its names. */
export function NewPassword({ name, value, change }: NewPasswordProps) {
  const [again, setAgain] = useState('');
  const strength = strengthOf(value, name);
  const differ = again !== '' && again !== value;
  return (
    <>
      <label>
        {tl('password')}
        <input
          name="new-password"
          type="password"
          autocomplete="new-password"
          required
          minLength={SHORTEST}
          aria-describedby="password-strength"
          value={value}
          onInput={(event) => change(event.currentTarget.value)}
        />
      </label>
      <p id="password-strength" class="small muted" role="status" data-strength={value === '' ? undefined : strength}>
        {value === '' ? tl('password.hint') : tl(`strength.${strength}`, { n: SHORTEST - value.length })}
      </p>
      <label>
        {tl('password.again')}
        <input
          name="again"
          type="password"
          autocomplete="new-password"
          required
          value={again}
          onInput={(event) => {
            setAgain(event.currentTarget.value);
            event.currentTarget.setCustomValidity(event.currentTarget.value === value ? '' : tl('password.differ'));
          }}
        />
      </label>
      {differ ? <p class="problem small">{tl('password.differ')}</p> : null}
    </>
  );
}

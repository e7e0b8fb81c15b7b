import { tw } from './notify-texts.ts';
import { type Field, isSecret } from './receiver-fields.ts';

interface GivenFieldsProps {
  readonly fields: readonly Field[];
  readonly texts: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Keys of secrets that the hub has already. */
  readonly kept: readonly string[];
  readonly set: (key: string, text: string) => void;
  readonly setSecret: (key: string, text: string) => void;
}

/** The fields of one kind. What is secret is written, never read. */
export function GivenFields({ fields, texts, secrets, kept, set, setSecret }: GivenFieldsProps) {
  return (
    <>
      {fields.map((field) => {
        const hidden = isSecret(field);
        const isKept = hidden && kept.includes(field.key);
        const name = hidden ? `secret.${field.key}` : field.key;
        return (
          <div key={name} class="given">
            <label for={`given-${name}`}>
              {tw(`field.${name}` as 'field.url')}
              {isKept ? <span class="muted small"> {tw('secret.kept')}</span> : null}
            </label>
            <FieldInput
              {...{ field, name }}
              text={(hidden ? secrets : texts)[field.key] ?? ''}
              needed={field.needed && !isKept}
              change={(text) => (hidden ? setSecret : set)(field.key, text)}
            />
          </div>
        );
      })}
      {fields.some(isSecret) ? <p class="muted small">{tw('secret.once')}</p> : null}
    </>
  );
}

interface FieldInputProps {
  readonly field: Field;
  readonly name: string;
  readonly text: string;
  readonly needed: boolean;
  readonly change: (text: string) => void;
}

function FieldInput({ field: { type }, name, text, needed, change }: FieldInputProps) {
  const common = { id: `given-${name}`, name, required: needed };
  if (type === 'lines' || type === 'json' || type === 'secret-lines') {
    return (
      <textarea
        {...common}
        rows={type === 'json' ? 6 : 2}
        spellcheck={false}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
      />
    );
  }
  if (type === 'tls') {
    return (
      <select {...common} value={text} onChange={(event) => change(event.currentTarget.value)}>
        {(['starttls', 'implicit', 'none'] as const).map((each) => (
          <option key={each} value={each}>
            {tw(`tls.${each}`)}
          </option>
        ))}
      </select>
    );
  }
  const kinds = { secret: 'password', number: 'number', url: 'url', text: 'text' } as const;
  return (
    <input
      {...common}
      type={kinds[type] as 'text'}
      {...(type === 'number' ? { min: 1, max: 65_535 } : {})}
      autocomplete={type === 'secret' ? 'new-password' : 'off'}
      value={text}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

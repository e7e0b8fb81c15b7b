import { useState } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { Mark } from '../../kit/mark.tsx';
import { PhotoField } from './photo.tsx';
import { type Answer, type Item, isAbnormal, rangeText, toNumber } from './round.ts';
import { tr } from './texts.ts';

interface ItemProps {
  readonly item: Item;
  readonly answer: Answer;
  readonly photo: Blob | undefined;
  readonly isMissing: boolean;
  readonly changed: (answer: Answer) => void;
  readonly photographed: (photo: Blob | undefined) => void;
}

export function ItemField(props: ItemProps) {
  const { item, answer, photo, isMissing, changed, photographed } = props;
  const [hasNote, setHasNote] = useState(answer.note !== undefined);
  const isOff = isAbnormal(item, answer);
  return (
    <fieldset id={`item-${item.id}`} class={isMissing ? 'item lacking' : 'item'} data-item={item.id}>
      <legend>{item.text}</legend>
      <Asked {...props} />
      {isOff ? (
        <p class="state tone-high off">
          <Mark shape="triangle" tone="high" />
          {tr(item.kind === 'number' ? 'beyond' : 'not.ok')}
        </p>
      ) : null}
      {hasNote || isOff ? (
        <label class="note">
          <span class="small muted">{tr('note')}</span>
          <textarea
            rows={2}
            maxLength={2000}
            value={answer.note ?? ''}
            onInput={(event) => changed({ ...answer, note: event.currentTarget.value })}
          />
        </label>
      ) : null}
      <p class="item-tools">
        <PhotoField isNeeded={item.photo === true} photo={photo} changed={photographed} about={item.text} />
        {hasNote || isOff ? null : (
          <button type="button" class="plain" onClick={() => setHasNote(true)}>
            {tr('note.add')}
          </button>
        )}
        {item.device ? (
          <a href={addressHash({ page: 'equipment', rest: item.device.split('/') })}>{tr('equipment')}</a>
        ) : null}
      </p>
    </fieldset>
  );
}

function Asked({ item, answer, changed }: ItemProps) {
  if (item.kind === 'number') return <NumberField item={item} answer={answer} changed={changed} />;
  if (item.kind === 'text') {
    return (
      <textarea
        rows={2}
        maxLength={2000}
        aria-label={`${item.text}: ${tr('seen')}`}
        value={answer.text ?? ''}
        onInput={(event) => {
          const { text: _, ...others } = answer;
          const text = event.currentTarget.value;
          changed(text.trim() === '' ? others : { ...others, text });
        }}
      />
    );
  }
  return (
    <div class="verdicts">
      {([true, false] as const).map((ok) => (
        <button
          type="button"
          key={String(ok)}
          class={ok ? 'verdict' : 'verdict no'}
          aria-pressed={answer.ok === ok}
          onClick={() => changed({ ...answer, ok })}
        >
          <Mark shape={ok ? 'circle' : 'triangle'} tone={ok || answer.ok !== false ? 'quiet' : 'high'} />
          {tr(ok ? 'ok' : 'not.ok')}
        </button>
      ))}
    </div>
  );
}

function NumberField({ item, answer, changed }: Pick<ItemProps, 'item' | 'answer' | 'changed'>) {
  const [typed, setTyped] = useState(answer.number === undefined ? '' : String(answer.number));
  const isBad = typed.trim() !== '' && toNumber(typed) === undefined;
  const range = rangeText(item);
  return (
    <div class="number">
      <input
        type="text"
        inputMode="decimal"
        autocomplete="off"
        aria-label={[item.text, item.unit].filter(Boolean).join(', ')}
        aria-invalid={isBad}
        value={typed}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          const { number: _, ...others } = answer;
          const number = toNumber(text);
          changed(number === undefined ? others : { ...others, number });
        }}
      />
      <span class="unit">{item.unit}</span>
      {range ? <span class="muted small">{tr('limits', { range })}</span> : null}
      {isBad ? <span class="problem">{tr('number.bad')}</span> : null}
    </div>
  );
}

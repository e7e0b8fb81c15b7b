import { titleOf } from '../../data/i18n.ts';
import { devices } from '../../data/store.ts';
import { movedUp, newItem, withKind, withPart } from './draft.ts';
import type { Item, Place } from './round.ts';
import { tr } from './texts.ts';

interface PlaceProps {
  readonly place: Place;
  readonly isOnly: boolean;
  /** Undefined: it goes. */
  readonly changed: (next: Place | undefined) => void;
}

export function PlaceFields({ place, isOnly, changed }: PlaceProps) {
  const { name, items } = place;
  return (
    <section class="card fields place-fields" aria-label={name || tr('place')}>
      <label>
        {tr('place')}
        <input
          required
          maxLength={100}
          value={name}
          onInput={(event) => changed({ ...place, name: event.currentTarget.value })}
        />
      </label>
      {isOnly ? null : (
        <button type="button" class="plain" onClick={() => changed(undefined)}>
          {tr('remove', { what: name || tr('place') })}
        </button>
      )}
      {items.map((item, index) => (
        <ItemFields
          key={item.id}
          item={item}
          isOnly={items.length === 1}
          changed={(next) => changed({ ...place, items: withPart(items, index, next) })}
          {...(index === 0 ? {} : { up: () => changed({ ...place, items: movedUp(items, index) }) })}
        />
      ))}
      <p>
        <button type="button" class="act" onClick={() => changed({ ...place, items: [...items, newItem()] })}>
          {tr('item.add')}
        </button>
      </p>
    </section>
  );
}

const KINDS: readonly Item['kind'][] = ['ok', 'number', 'text'];

interface ItemProps {
  readonly item: Item;
  readonly isOnly: boolean;
  readonly changed: (next: Item | undefined) => void;
  readonly up?: () => void;
}

function ItemFields({ item, isOnly, changed, up }: ItemProps) {
  const what = item.text || tr('item');
  const setDevice = (device: string) => {
    const { device: _, ...others } = item;
    changed(device === '' ? others : { ...others, device });
  };
  return (
    <fieldset class="item-fields">
      <legend class="hidden">{what}</legend>
      <label class="wide">
        {tr('item')}
        <input
          required
          maxLength={100}
          value={item.text}
          onInput={(event) => changed({ ...item, text: event.currentTarget.value })}
        />
      </label>
      <label>
        {tr('kind')}
        <select
          value={item.kind}
          onChange={({ currentTarget: { value } }) =>
            changed(withKind(item, KINDS.find((each) => each === value) ?? 'ok'))
          }
        >
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {tr(`kind.${each}`)}
            </option>
          ))}
        </select>
      </label>
      {item.kind === 'number' ? <Limits item={item} changed={changed} /> : null}
      <label>
        {tr('equipment')}
        <select value={item.device ?? ''} onChange={(event) => setDevice(event.currentTarget.value)}>
          <option value="">{tr('no.device')}</option>
          {item.device && !devices.value.some(({ id }) => id === item.device) ? (
            <option value={item.device}>{item.device}</option>
          ) : null}
          {devices.value.map((device) => (
            <option key={device.id} value={device.id}>
              {titleOf(device.title, device.name)}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={item.photo === true}
          onChange={(event) => changed({ ...item, photo: event.currentTarget.checked })}
        />
        {tr('photo.needed')}
      </label>
      <span class="item-buttons">
        {up ? (
          <button type="button" class="plain" onClick={up}>
            {tr('up', { what })}
          </button>
        ) : null}
        {isOnly ? null : (
          <button type="button" class="plain" onClick={() => changed(undefined)}>
            {tr('remove', { what })}
          </button>
        )}
      </span>
    </fieldset>
  );
}

function Limits({ item, changed }: { readonly item: Item; readonly changed: (next: Item) => void }) {
  const set = (field: 'min' | 'max', value: number) => {
    const { [field]: _, ...others } = item;
    changed(Number.isNaN(value) ? others : { ...others, [field]: value });
  };
  const setUnit = (unit: string) => {
    const { unit: _, ...others } = item;
    changed(unit === '' ? others : { ...others, unit });
  };
  return (
    <>
      {(['min', 'max'] as const).map((field) => (
        <label key={field}>
          {tr(field)}
          <input
            type="number"
            step="any"
            value={item[field] ?? ''}
            onInput={(event) => set(field, event.currentTarget.valueAsNumber)}
          />
        </label>
      ))}
      <label>
        {tr('unit')}
        <input maxLength={20} value={item.unit ?? ''} onInput={(event) => setUnit(event.currentTarget.value)} />
      </label>
    </>
  );
}

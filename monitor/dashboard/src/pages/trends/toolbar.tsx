import { useSignal } from '@preact/signals';
import { isoOf, parseIso } from '../../data/clock.ts';
import { zoneOf } from '../../data/store.ts';
import { instantOf, offsetMs } from '../../data/zone.ts';
import { onPlotKey } from '../../kit/plot/gestures.ts';
import type { Window } from '../../kit/plot/window.ts';
import { change, chosen, gestures, goBack, isLive, showLive, shownWindow, view } from './state.ts';
import { tt } from './texts.ts';
import { COMPARES, RANGES } from './view.ts';

/** What is seen: how far back, from when to when, beside what. */
export function Toolbar() {
  const { range } = view.value;
  const press = (key: string) => () => void onPlotKey(key, gestures);
  return (
    <div class="trends-tools">
      <fieldset class="choice">
        <legend class="hidden">{tt('range')}</legend>
        {RANGES.map((name) => (
          <button
            type="button"
            key={name}
            aria-pressed={isLive.value && range === name}
            onClick={() => showLive({ range: name })}
          >
            {tt(`range.${name}`)}
          </button>
        ))}
      </fieldset>
      <span class="trends-steps">
        <Step text="←" label={tt('earlier')} act={press('ArrowLeft')} />
        <Step text="→" label={tt('later')} act={press('ArrowRight')} />
        <Step text="+" label={tt('zoom.in')} act={press('+')} />
        <Step text="−" label={tt('zoom.out')} act={press('-')} />
        <Step text="↶" label={tt('back')} act={goBack} />
        {isLive.value ? null : (
          <button type="button" class="plain" title={tt('live.hint')} onClick={() => showLive()}>
            {tt('live')}
          </button>
        )}
      </span>
    </div>
  );
}

/** From when to when, and beside what. On a phone it stands below the charts. */
export function MoreTools() {
  return (
    <div class="trends-tools trends-more">
      <Span />
      <label class="select">
        <span class="muted">{tt('compare')}</span>{' '}
        <select
          value={view.value.compare}
          onChange={(event) =>
            change({ compare: COMPARES.find((name) => name === event.currentTarget.value) ?? 'none' })
          }
        >
          {COMPARES.map((name) => (
            <option key={name} value={name}>
              {tt(`compare.${name}`)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Step({ text, label, act }: { readonly text: string; readonly label: string; readonly act: () => void }) {
  return (
    <button type="button" class="plain step" aria-label={label} title={label} onClick={act}>
      {text}
    </button>
  );
}

/** From when to when, on the site's clock. */
function Span() {
  const zone = zoneOf(chosen.value[0]?.gateway ?? '');
  // What slides on must not change under the hand of who is typing.
  const held = useSignal<Window | undefined>(undefined);
  const window = held.value ?? shownWindow.value;
  const wrong = useSignal(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [from, to] = ['from', 'to'].map((name) => fromInput(String(form.get(name)), zone));
    wrong.value = from === undefined || to === undefined || to <= from;
    if (wrong.value || from === undefined || to === undefined) return;
    held.value = undefined;
    change({ span: { from, to } });
  };
  return (
    <form
      class="trends-span"
      onSubmit={submit}
      onFocusIn={() => {
        held.value ??= shownWindow.peek();
      }}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) held.value = undefined;
      }}
    >
      <label>
        <span class="muted">{tt('from')}</span>{' '}
        <input type="datetime-local" name="from" step="1" value={toInput(window.from, zone)} required />
      </label>
      <label>
        <span class="muted">{tt('to')}</span>{' '}
        <input type="datetime-local" name="to" step="1" value={toInput(window.to, zone)} required />
      </label>
      <button type="submit" class="plain">
        {tt('show')}
      </button>
      {wrong.value ? (
        <p role="alert" class="trends-wrong">
          {tt('span.wrong')}
        </p>
      ) : null}
    </form>
  );
}

/** `2026-11-21T14:02:05`, as such a field has it. */
function toInput(at: number, zone: string): string {
  return isoOf(at + offsetMs(at, zone)).slice(0, 19);
}

function fromInput(text: string, zone: string): number | undefined {
  const wall = parseIso(`${text}Z`);
  return wall === undefined ? undefined : instantOf(wall, zone);
}

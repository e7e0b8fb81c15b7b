import './commands.css';
import { useEffect, useState } from 'preact/hooks';
import type { Device, Point, Value } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { titleOf } from '../../data/i18n.ts';
import { presentOf } from '../../data/present.ts';
import { devices, lastOf } from '../../data/store.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Outcome, shownValue } from './outcome.tsx';
import { PresentValue } from './present-value.tsx';
import { tc } from './texts.ts';
import { ValueField } from './value-field.tsx';
import { type Command, findCommand, giveCommand, isOver, mayWrite, readValue, want, whyNot } from './write-data.ts';

const LOOK_EVERY_MS = 500;
const WAITS = ['1m', '10m', '1h', '1d', '7d'] as const;

/** The quiet way to another value; nothing where the point cannot be set, or by whom. */
export function SetButton({ point, changed }: { readonly point: Point; readonly changed?: () => void }) {
  const [isOpen, setOpen] = useState(false);
  if (!point.writable || point.retired || !mayWrite()) return null;
  const title = tc('set.of', { point: titleOf(point.title, point.point) });
  return (
    <>
      <button type="button" class="act set" aria-label={title} data-set={point.id} onClick={() => setOpen(true)}>
        {tc('set')}
      </button>
      {isOpen ? (
        <Dialog title={title} close={() => setOpen(false)} closeText={tc('close')}>
          <SetForm point={point} changed={changed} />
        </Dialog>
      ) : null}
    </>
  );
}

interface Draft {
  readonly text: string;
  readonly mode: 'once' | 'keep';
  readonly enforce: boolean;
  readonly expiresIn: string;
  readonly expects: boolean;
}

const EMPTY: Draft = { text: '', mode: 'once', enforce: false, expiresIn: '1m', expects: false };

interface SetProps {
  readonly point: Point;
  readonly changed: (() => void) | undefined;
}

function SetForm({ point, changed }: SetProps) {
  const [draft, setDraft] = useState(EMPTY);
  const [asks, setAsks] = useState(false);
  const [repeated, setRepeated] = useState('');
  const [command, setCommand] = useState<Command | undefined>(undefined);
  const [said, setSaid] = useState('');
  const held = lastOf(point.id).value?.value ?? null;
  const value = readValue(point, draft.text);
  useFollow(command, setCommand, changed);
  const send = async () => {
    if (value === undefined) return;
    const asking = { value, ...(point.dangerous ? { confirm: value } : {}) };
    try {
      if (draft.mode === 'keep') {
        await want(point, { ...asking, enforce: draft.enforce });
        setSaid(tc('saved'));
      } else {
        const expect = draft.expects && held !== null ? { expect: held } : {};
        setCommand(await giveCommand(point, { ...asking, expiresIn: draft.expiresIn, ...expect }));
        setSaid('');
      }
      setAsks(false);
      changed?.();
    } catch (error) {
      setSaid(whyNot(error));
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (point.dangerous && !asks) setAsks(true);
    else if (!point.dangerous || readValue(point, repeated) === value) void send();
  };
  const device = devices.value.find(({ id }) => id === `${point.gateway}/${point.device}`);
  return (
    <form class="set-form" onSubmit={submit}>
      <Place point={point} device={device} to={asks ? value : undefined} />
      {asks ? (
        <div class="set-danger">
          <strong>
            <Mark shape="triangle" tone="high" /> {tc('danger')}
          </strong>
          <p>{tc('danger.hint')}</p>
          <ValueField point={point} label={tc('repeat')} text={repeated} onText={setRepeated} />
        </div>
      ) : (
        <Choices point={point} draft={draft} held={held} change={setDraft} />
      )}
      <p class="set-acts">
        {asks ? (
          <button type="button" class="plain" onClick={() => setAsks(false)}>
            {tc('back')}
          </button>
        ) : null}
        <button
          type="submit"
          class="act"
          disabled={value === undefined || (asks && readValue(point, repeated) !== value)}
        >
          {point.dangerous && !asks ? tc('next') : tc('write')}
        </button>
      </p>
      <div role="status">{command ? <Outcome command={command} point={point} /> : said}</div>
    </form>
  );
}

/** Asks until it is over; a dialog that is closed asks no more. */
function useFollow(command: Command | undefined, set: (command: Command) => void, changed: (() => void) | undefined) {
  const id = command && !isOver(command) ? command.id : undefined;
  useEffect(() => {
    if (id === undefined) return undefined;
    return every(LOOK_EVERY_MS, () => {
      findCommand(id).then(
        (now) => {
          set(now);
          if (isOver(now)) changed?.();
        },
        () => {},
      );
    });
  }, [id]);
}

interface PlaceProps {
  readonly point: Point;
  readonly device: Device | undefined;
  readonly to: Value | undefined;
}

function Place({ point, device, to }: PlaceProps) {
  const now = tc(presentOf(point).isNow ? 'now' : 'last');
  return (
    <dl class="facts">
      <div>
        <dt>{tc('device')}</dt>
        <dd>
          {titleOf(device?.title ?? {}, point.device)} <span class="muted small">{point.gateway}</span>
        </dd>
      </div>
      <div>
        <dt>{tc('point')}</dt>
        <dd>{titleOf(point.title, point.point)}</dd>
      </div>
      <div>
        <dt>{to === undefined ? now : tc('change')}</dt>
        <dd data-held>
          <PresentValue point={point} />
          {to === undefined ? null : <strong> → {shownValue(point, to)}</strong>}
        </dd>
      </div>
    </dl>
  );
}

interface ChoicesProps {
  readonly point: Point;
  readonly draft: Draft;
  readonly held: Value | null;
  readonly change: (draft: Draft) => void;
}

function Choices({ point, draft, held, change }: ChoicesProps) {
  const { text, mode, enforce, expiresIn, expects } = draft;
  return (
    <>
      <ValueField point={point} label={tc('value')} text={text} onText={(next) => change({ ...draft, text: next })} />
      <fieldset>
        <legend>{tc('for')}</legend>
        {(['once', 'keep'] as const).map((each) => (
          <label key={each} class="check">
            <input
              type="radio"
              name="set-mode"
              checked={mode === each}
              onChange={() => change({ ...draft, mode: each })}
            />
            {tc(each)}
          </label>
        ))}
      </fieldset>
      {mode === 'keep' ? (
        <Check label={tc('enforce')} on={enforce} set={(on) => change({ ...draft, enforce: on })} />
      ) : (
        <>
          <label class="select">
            {tc('expires')}
            <select value={expiresIn} onChange={(event) => change({ ...draft, expiresIn: event.currentTarget.value })}>
              {WAITS.map((each) => (
                <option key={each} value={each}>
                  {tc(`for.${each}`)}
                </option>
              ))}
            </select>
          </label>
          {held === null ? null : (
            <Check
              label={tc('expect', { value: shownValue(point, held) })}
              on={expects}
              set={(on) => change({ ...draft, expects: on })}
            />
          )}
        </>
      )}
    </>
  );
}

interface CheckProps {
  readonly label: string;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
}

function Check({ label, on, set }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={on} onChange={(event) => set(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

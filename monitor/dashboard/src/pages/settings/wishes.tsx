import { t } from '../../data/i18n.ts';
import { tw } from './notify-texts.ts';
import { linesOf, type Settings } from './receiver-fields.ts';

const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
const TELL = ['cleared', 'acknowledged'] as const;

interface WishesProps {
  readonly settings: Settings;
  readonly change: (settings: Settings) => void;
}

interface Quiet {
  readonly from: string;
  readonly to: string;
}

/** Of what a receiver wants to hear, in which language, and when not. */
export function Wishes({ settings, change }: WishesProps) {
  const wanted = listOf(settings.priorities) ?? PRIORITIES;
  const told = listOf(settings.tell) ?? TELL;
  const quiet = settings.quietHours as Quiet | undefined;
  const set = (part: Settings) => change({ ...settings, ...part });
  const toggle = (list: readonly string[], all: readonly string[], each: string, on: boolean) =>
    all.filter((one) => (one === each ? on : list.includes(one)));
  return (
    <>
      <fieldset class="roles">
        <legend>{tw('priorities')}</legend>
        {PRIORITIES.map((each) => (
          <label key={each} class="check">
            <input
              type="checkbox"
              checked={wanted.includes(each)}
              onChange={({ currentTarget: { checked } }) => {
                const next = toggle(wanted, PRIORITIES, each, checked);
                set({ priorities: next.length === PRIORITIES.length ? undefined : next });
              }}
            />
            {t(`priority.${each}`)}
          </label>
        ))}
      </fieldset>
      <fieldset class="roles">
        <legend>{tw('tell')}</legend>
        {TELL.map((each) => (
          <label key={each} class="check">
            <input
              type="checkbox"
              checked={told.includes(each)}
              onChange={({ currentTarget: { checked } }) => set({ tell: toggle(told, TELL, each, checked) })}
            />
            {tw(`tell.${each}`)}
          </label>
        ))}
      </fieldset>
      <fieldset class="roles">
        <legend>{tw('quiet')}</legend>
        <label class="check">
          <input
            type="checkbox"
            name="quiet"
            checked={quiet !== undefined}
            onChange={({ currentTarget: { checked } }) =>
              set({ quietHours: checked ? { from: '22:00', to: '07:00' } : undefined })
            }
          />
          {tw('quiet.on')}
        </label>
        {quiet ? <Times value={quiet} change={(part) => set({ quietHours: { ...quiet, ...part } })} /> : null}
      </fieldset>
      <label>
        {tw('sites')}
        <textarea
          rows={2}
          defaultValue={(listOf(settings.sites) ?? []).join('\n')}
          onInput={(event) => {
            const lines = linesOf(event.currentTarget.value);
            set({ sites: lines.length > 0 ? lines : undefined });
          }}
        />
      </label>
      <div class="select">
        <label>
          {tw('language')}
          <select
            value={String(settings.language ?? 'en')}
            onChange={(event) => set({ language: event.currentTarget.value })}
          >
            {(['ko', 'en'] as const).map((each) => (
              <option key={each} value={each}>
                {tw(`language.${each}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
    </>
  );
}

interface TimesProps {
  readonly value: Quiet;
  readonly change: (part: Partial<Quiet>) => void;
}

export function Times({ value, change }: TimesProps) {
  return (
    <div class="fields">
      <label>
        {tw('from')}
        <input
          type="time"
          required
          value={value.from}
          onInput={(event) => change({ from: event.currentTarget.value })}
        />
      </label>
      <label>
        {tw('until')}
        <input type="time" required value={value.to} onInput={(event) => change({ to: event.currentTarget.value })} />
      </label>
    </div>
  );
}

export function listOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

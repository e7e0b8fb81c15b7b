import { t } from '../data/i18n.ts';
import { Dialog } from '../kit/dialog.tsx';
import { lettersOn, setLetters } from './letters.ts';
import { close } from './open.ts';
import { PAGES } from './pages.ts';

export function Help() {
  const keys: readonly (readonly [readonly string[], string])[] = [
    [['Ctrl', 'K'], t('search')],
    [['/'], t('help.find')],
    [['?'], t('help.help')],
    ...PAGES.filter(({ letter }) => letter !== undefined).map(
      ({ letter, title }) => [['g', letter ?? ''], t('help.go', { page: t(title) })] as const,
    ),
    [['Esc'], t('help.close')],
  ];
  return (
    <Dialog title={t('help')} close={close} closeText={t('close')}>
      <dl class="keys">
        {keys.map(([pressed, does]) => (
          <div key={does}>
            <dt>
              {pressed.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={lettersOn.value}
          onChange={(event) => setLetters(event.currentTarget.checked)}
        />
        {t('help.letters')}
      </label>
    </Dialog>
  );
}

import './kit.css';
import { address, addressHash } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { THEMES } from '../../data/theme.ts';
import { STORIES } from './stories.tsx';
import { tk } from './texts.ts';

const SHOWN = THEMES.filter((name) => name !== 'auto');

/** Every component in each state, in every theme; `?theme=` shows one. */
export function KitPage() {
  const { theme } = address.value.query;
  const chosen = SHOWN.filter((name) => theme === undefined || name === theme);
  return (
    <div class="kit">
      <p>{tk('intro')}</p>
      <nav class="choice views" aria-label={t('theme')}>
        {SHOWN.map((name) => (
          <a
            key={name}
            href={addressHash({ page: 'kit', query: { theme: name } })}
            aria-current={theme === name ? 'page' : undefined}
          >
            {t(`theme.${name}`)}
          </a>
        ))}
      </nav>
      {chosen.map((name) => (
        <section key={name} class="theme-sample" data-theme={name} aria-label={t(`theme.${name}`)}>
          <h2>{t(`theme.${name}`)}</h2>
          {STORIES.map(({ key, Story }) => (
            <div key={key} class="story" data-story={key}>
              <h3>{tk(key)}</h3>
              <Story />
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}

import './settings.css';
import { address, addressHash } from '../../app/address.ts';
import { session } from '../../data/store.ts';
import { SECTIONS } from './sections.ts';
import { ts } from './texts.ts';

/** What one may set, a section each. */
export function Settings() {
  const held = session.value;
  if (held.state !== 'in') return null;
  const mine = SECTIONS.filter(({ isFor }) => isFor(held.me));
  const wanted = address.value.rest[0] ?? 'me';
  const here = mine.find(({ key }) => key === wanted);
  return (
    <div class="settings-page">
      <nav class="choice views sections" aria-label={ts('sections')}>
        {mine.map(({ key, title }) => (
          <a
            key={key}
            href={addressHash({ page: 'settings', rest: [key] })}
            aria-current={key === here?.key ? 'page' : undefined}
          >
            {title()}
          </a>
        ))}
      </nav>
      {here ? <here.View key={here.key} /> : <p class="card hint">{ts('section.unknown')}</p>}
    </div>
  );
}

import { t } from '../../data/i18n.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { Mark } from '../../kit/mark.tsx';
import { type Layer, type Look, lookOf, type World } from './look.ts';
import { ageOf, figureOf, fullNameOf, hrefOf } from './marker-text.ts';
import type { Plan } from './plan.ts';
import { Sign } from './sign.tsx';
import { tp } from './texts.ts';

interface ListProps {
  readonly plan: Plan;
  readonly world: World;
  readonly layer: Layer;
  readonly isPast: boolean;
}

/** The same without the drawing: for whoever cannot see it, and to copy. */
export function MarkerList({ plan, world, layer, isPast }: ListProps) {
  if (plan.markers.length === 0) return null;
  const looks = plan.markers.map((marker) => lookOf(marker, world, layer));
  return (
    <details class="card plan-list">
      <summary>{tp('list')}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{tp('list.what')}</th>
            <th scope="col">{tp('list.value')}</th>
            <th scope="col">{tp('list.state')}</th>
            <th scope="col">{tp('list.age')}</th>
          </tr>
        </thead>
        <tbody>
          {looks.map((look) => (
            <tr key={look.marker.id}>
              <td>
                <a href={hrefOf(look)}>{fullNameOf(look)}</a>
              </td>
              <td>{figureOf(look)}</td>
              <td>
                <Sign {...look} /> {stateText(look)}
              </td>
              <td>{isPast ? tp('past.word') : ageOf(look)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function stateText({ state, priority }: Look): string {
  if (priority) return t(`priority.${priority}`);
  return state === 'unknown' ? tp('unknown.why') : state === 'live' ? '' : t(`state.${state}`);
}

/** Every shape that a plan can show, with its word. */
export function Legend({ isSimulated }: { readonly isSimulated: boolean }) {
  const states = ['late', 'stale', 'bad', 'empty'] as const;
  return (
    <ul class="plan-legend small" aria-label={tp('legend')}>
      <li>
        <Mark shape="circle" tone="quiet" /> {tp('legend.live')}
      </li>
      {(['critical', 'high', 'medium', 'low'] as const).map((priority) => (
        <li key={priority}>
          <AlarmToken priority={priority} label={t(`priority.${priority}`)} />
          <span aria-hidden="true">{t(`priority.${priority}`)}</span>
        </li>
      ))}
      {states.map((state) => (
        <li key={state}>
          <Sign state={state} /> {t(`state.${state}`)}
        </li>
      ))}
      <li>
        <Sign state="unknown" /> {tp('unknown.why')}
      </li>
      <li>
        <span class="swatch hatched" aria-hidden="true" /> {tp('legend.hatched')}
      </li>
      <li>
        <span class="swatch zone" aria-hidden="true" /> {tp('legend.zone')}
      </li>
      {isSimulated ? (
        <li>
          <span class="sim">{t('tile.simulated')}</span> {t('simulated')}
        </li>
      ) : null}
    </ul>
  );
}

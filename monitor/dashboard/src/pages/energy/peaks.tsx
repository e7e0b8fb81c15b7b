import { formatNumber, formatTime } from '../../data/format.ts';
import { Mark } from '../../kit/mark.tsx';
import { type DemandWindow, peaksOf } from './energy-data.ts';
import { kwText } from './kw-text.ts';
import { te } from './texts.ts';

const MOST = 10;

interface Props {
  readonly windows: readonly DemandWindow[];
  readonly zone: string;
  readonly target: number | undefined;
}

/** What the bill goes by. */
export function Peaks({ windows, zone, target }: Props) {
  const peaks = peaksOf(windows, MOST);
  return (
    <section class="card peaks" aria-label={te('peaks')}>
      <h2>{te('peaks')}</h2>
      {peaks.length === 0 ? (
        <p class="muted">{te('peaks.none')}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{te('rank')}</th>
              <th scope="col">{te('time')}</th>
              <th scope="col">{te('kw')}</th>
              {target === undefined ? null : <th scope="col">{te('of.target')}</th>}
            </tr>
          </thead>
          <tbody>
            {peaks.map(({ at, kw, isPartial }, index) => (
              <tr key={at}>
                <td>{index + 1}</td>
                <td>{formatTime(at, zone).slice(0, 16)}</td>
                <td>
                  {isPartial ? '≥ ' : ''}
                  {kwText(kw)}
                </td>
                {target === undefined ? null : (
                  <td>
                    {kw > target ? (
                      <span class="state tone-high">
                        <Mark shape="triangle" tone="high" />
                        {te('over.target')}
                      </span>
                    ) : null}{' '}
                    {formatNumber((100 * kw) / target, 0)} %
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

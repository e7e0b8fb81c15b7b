import { Unfold } from '../../kit/unfold.tsx';
import { Card, Trouble } from './parts.tsx';
import { ReportLayoutCard } from './report-layout.tsx';
import { tl } from './site-texts.ts';
import { useHub } from './use-hub.ts';

interface Site {
  readonly name: string;
  readonly gateways: readonly {
    readonly id: string;
    readonly timezone: string;
    /** null: not told. */
    readonly holidays: readonly string[] | null;
  }[];
  readonly days: readonly { readonly date: string; readonly name: string | null }[];
}

/** What the hub knows of sites, and what reports of them show. */
export function SitesSection() {
  const { held, problem } = useHub<{ sites: readonly Site[] }>('/sites');
  return (
    <>
      <Card title={tl('sites')} hint={tl('sites.hint')}>
        <Trouble text={problem} />
        <ul class="lines">
          {held?.sites.map((site) => (
            <li key={site.name} data-site={site.name}>
              <span class="said">
                <strong>{site.name}</strong>
                {site.gateways.map(({ id, timezone, holidays }) => (
                  <span key={id} class="muted small">
                    {[id, timezone, holidaysText(holidays)].join(' · ')}
                  </span>
                ))}
                {site.days.length > 0 ? (
                  <Unfold
                    summary={tl('days', { n: site.days.length })}
                    content={() => (
                      <ul class="days">
                        {site.days.map(({ date, name }) => (
                          <li key={date}>
                            <span class="number">{date}</span> {name ?? tl('day.own')}
                          </li>
                        ))}
                      </ul>
                    )}
                  />
                ) : null}
              </span>
            </li>
          ))}
        </ul>
        {held?.sites.length === 0 ? <p class="muted">{tl('none')}</p> : null}
      </Card>
      <ReportLayoutCard />
    </>
  );
}

function holidaysText(holidays: Site['gateways'][number]['holidays']): string {
  if (holidays === null) return tl('holidays.untold');
  if (holidays.length === 0) return tl('holidays.none');
  const own = holidays.filter((each) => each !== 'korea').length;
  const parts = [holidays.length > own ? tl('holidays.korea') : '', own > 0 ? tl('holidays.own', { n: own }) : ''];
  return parts.filter(Boolean).join(', ');
}

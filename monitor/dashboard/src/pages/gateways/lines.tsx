import type { Channel, Gateway } from '../../data/api.ts';
import { formatNumber } from '../../data/format.ts';
import { faultText, t } from '../../data/i18n.ts';
import { Mark } from '../../kit/mark.tsx';
import { Problem } from '../../kit/prose.tsx';
import { Table } from './table.tsx';
import { tg } from './texts.ts';

/** How busy each line is, and how much goes wrong on it. */
export function Lines({ gateway }: { readonly gateway: Gateway }) {
  const { channels, state } = gateway;
  return (
    <section class="card part">
      <h3>{tg('lines')}</h3>
      {channels.length === 0 ? <p class="muted">{tg('lines.none')}</p> : null}
      {channels.length > 0 && state === 'offline' ? <p class="muted">{tg('lines.old')}</p> : null}
      {channels.length > 0 ? (
        <Table name={tg('lines')} heads={[tg('line'), tg('state'), tg('exchanges'), tg('faulty'), tg('used')]}>
          {channels.map((channel) => (
            <LineRow key={channel.name} channel={channel} />
          ))}
        </Table>
      ) : null}
    </section>
  );
}

function LineRow({ channel }: { readonly channel: Channel }) {
  const { name, driver, port, state, exchanges, faults, utilisation } = channel;
  const problem = state === 'faulted' ? faultText(channel.fault, channel.problem) : undefined;
  const share = exchanges === 0 ? undefined : (100 * faults) / exchanges;
  return (
    <tr data-line={name}>
      <th scope="row">
        {name}
        <span class="muted small under">
          {driver} · {port}
        </span>
      </th>
      <td>
        {problem ? (
          <>
            <span class="state tone-high">
              <Mark shape="triangle" tone="high" />
              {t('channel.faulted')}
            </span>
            <span class="problem">
              {' '}
              <Problem {...problem} />
            </span>
          </>
        ) : (
          <span class="muted">{t(`channel.${state}`)}</span>
        )}
      </td>
      <td class="number">{formatNumber(exchanges, 0)}</td>
      <td class="number">{share === undefined ? '–' : `${formatNumber(faults, 0)} (${formatNumber(share, 2)} %)`}</td>
      <td class="number">{formatNumber(100 * utilisation, 0)} %</td>
    </tr>
  );
}

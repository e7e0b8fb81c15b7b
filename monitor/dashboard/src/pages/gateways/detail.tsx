import { addressHash } from '../../app/address.ts';
import type { Device, Gap, Gateway } from '../../data/api.ts';
import { formatAge, formatAgo, formatNumber, formatTime } from '../../data/format.ts';
import { faultText, t, titleOf } from '../../data/i18n.ts';
import { devices, faultOf, gaps, lastOf, now, points, stateOf } from '../../data/store.ts';
import { valueText } from '../../data/value-text.ts';
import { Facts } from '../../kit/facts.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Problem } from '../../kit/prose.tsx';
import { StateText } from '../../kit/state-text.tsx';
import { LINK_MARK, linkFacts } from '../points/gateways.tsx';
import { Certificates } from './certificates.tsx';
import { ConfigPanel, isAdmin } from './config-panel.tsx';
import { DEVICE_MARK, stateText, statsOf } from './device-now.ts';
import { deviceState } from './device-stats.ts';
import { KubeEdgePanel } from './kubeedge.tsx';
import { tk } from './kubeedge-texts.ts';
import { Lines } from './lines.tsx';
import { Table } from './table.tsx';
import { tg } from './texts.ts';

/** Its name among its devices, where it reports itself. */
const SELF = 'gateway';

export function GatewayDetail({ gateway }: { readonly gateway: Gateway }) {
  const [shape, tone] = LINK_MARK[gateway.state];
  const { cloned, stuckSince } = gateway;
  const own = devices.value.filter((device) => device.gateway === gateway.id);
  return (
    <div class="gateway-detail">
      <header>
        <a href={addressHash({ page: 'gateways' })}>← {tg('back')}</a>
        <h2>{gateway.site ?? gateway.id}</h2>
        <span class="muted">{gateway.id}</span>
        <span class={`state tone-${tone}`}>
          <Mark shape={shape} tone={tone} />
          {t(`gateway.${gateway.state}`)}
        </span>
      </header>
      {cloned ? <Warning text={tg('cloned')} /> : null}
      {stuckSince === null ? null : <Warning text={tg('stuck', { age: formatAge(now.value - stuckSince) })} />}
      <div class="gateway-top">
        <LinkFacts gateway={gateway} />
        <Machine gateway={gateway} />
      </div>
      <ConfigPanel gateway={gateway} />
      <Lines gateway={gateway} />
      {gateway.kubeedge ? <KubeEdgePanel gateway={gateway.id} kubeedge={gateway.kubeedge} /> : null}
      <Devices list={own} kubes={new Set(gateway.kubeedge?.devices.map(({ device }) => device ?? ''))} />
      {isAdmin() ? <Certificates gateway={gateway} /> : null}
      <Lost list={gaps.value.filter((gap) => gap.gateway === gateway.id)} zone={gateway.timezone ?? 'UTC'} />
    </div>
  );
}

function Warning({ text }: { readonly text: string }) {
  return (
    <p class="card warning" role="alert">
      <Mark shape="triangle" tone="high" /> {text}
    </p>
  );
}

function LinkFacts({ gateway }: { readonly gateway: Gateway }) {
  const size = tg('size.text', { devices: gateway.devices, points: formatNumber(gateway.points, 0) });
  const facts = [...linkFacts(gateway), [tg('size'), size], [tg('alarms'), String(gateway.activeAlarms)]] as const;
  return (
    <section class="card part">
      <h3>{tg('link')}</h3>
      <Facts facts={facts} />
    </section>
  );
}

/** What the gateway reports of the machine it runs on. */
function Machine({ gateway }: { readonly gateway: Gateway }) {
  const own = (points.value ?? []).filter((point) => point.gateway === gateway.id && point.device === SELF);
  return (
    <section class="card part">
      <h3>{tg('own')}</h3>
      {own.length === 0 ? <p class="muted">{tg('own.none')}</p> : null}
      <dl class="facts">
        {own.map((point) => {
          const last = lastOf(point.id).value;
          const state = stateOf(point);
          return (
            <div key={point.id}>
              <dt>
                <a href={addressHash({ page: 'points', rest: point.id.split('/') })}>
                  {titleOf(point.title, point.point)}
                </a>
              </dt>
              <dd>
                <StateText state={state} /> {valueText(point, last)} {last?.value == null ? '' : (point.unit ?? '')}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

/** `kubes`: names of those that belong to KubeEdge. */
function Devices({ list, kubes }: { readonly list: readonly Device[]; readonly kubes: ReadonlySet<string> }) {
  return (
    <section class="card part">
      <h3>{tg('devices')}</h3>
      {list.length === 0 ? (
        <p class="muted">{tg('devices.none')}</p>
      ) : (
        <Table name={tg('devices')} heads={[tg('device'), tg('line'), tg('current'), tg('newest'), tg('trouble')]}>
          {list.map((device) => (
            <DeviceRow key={device.id} device={device} isKubes={kubes.has(device.name)} />
          ))}
        </Table>
      )}
    </section>
  );
}

function DeviceRow({ device, isKubes }: { readonly device: Device; readonly isKubes: boolean }) {
  const stats = statsOf(device);
  const state = deviceState(stats);
  const [shape, tone] = DEVICE_MARK[state];
  const problem = stats.fault === undefined ? undefined : faultText(stats.fault, faultOf(stats.fault));
  return (
    <tr data-device={device.id}>
      <th scope="row">
        <a href={addressHash({ page: 'equipment', rest: [device.gateway, device.name] })}>
          {titleOf(device.title, device.name)}
        </a>
      </th>
      <td>
        {device.channel}
        {isKubes ? <span class="muted small under">{tk('owned')}</span> : null}
      </td>
      <td class="number">{tg('current.of', { n: stats.live, all: stats.all })}</td>
      <td class="number">{stats.newest === null ? '–' : formatAgo(now.value - stats.newest)}</td>
      <td>
        {state === 'well' ? (
          <span class="muted">{tg('trouble.none')}</span>
        ) : (
          <>
            <span class={`state tone-${tone}`}>
              <Mark shape={shape} tone={tone} />
              {stateText(stats)}
            </span>
            {problem ? (
              <span class="problem">
                {' '}
                <Problem {...problem} />
              </span>
            ) : null}
          </>
        )}
      </td>
    </tr>
  );
}

/** Every loss by its name and numbers: what is not here was not lost. */
function Lost({ list, zone }: { readonly list: readonly Gap[]; readonly zone: string }) {
  const heads = [tg('lost.when'), tg('lost.journal'), tg('lost.numbers'), tg('lost.count'), tg('lost.reason')];
  return (
    <section class="card part">
      <h3>{tg('lost')}</h3>
      {list.length === 0 ? (
        <p class="muted">{tg('lost.none')}</p>
      ) : (
        <Table name={tg('lost')} heads={[...heads, tg('lost.points')]}>
          {list.map((gap) => (
            <tr key={`${gap.epoch} ${gap.from}`} data-gap={gap.from}>
              <td>{formatTime(gap.declaredAt, zone)}</td>
              <td>{gap.epoch}</td>
              <td class="number">
                {gap.from} – {String(BigInt(gap.to) - 1n)}
              </td>
              <td class="number">{formatNumber(Number(gap.count), 0)}</td>
              <td>{gap.reason}</td>
              <td>
                {Object.entries(gap.points ?? {})
                  .map(([point, count]) => `${point}: ${count}`)
                  .join(', ') || '–'}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

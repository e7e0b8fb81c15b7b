import type { Channel, Gateway } from '../../data/api.ts';
import { formatAge, formatAgo, formatNumber } from '../../data/format.ts';
import { faultText, t } from '../../data/i18n.ts';
import { gaps, gateways, now, seenAt } from '../../data/store.ts';
import { Mark, type MarkShape } from '../../kit/mark.tsx';
import { Problem } from '../../kit/prose.tsx';

export const LINK_MARK: Readonly<Record<Gateway['state'], readonly [MarkShape, string]>> = {
  online: ['circle', 'quiet'],
  late: ['diamond', 'medium'],
  offline: ['triangle', 'high'],
};

export function Gateways() {
  const list = gateways.value;
  return (
    <section class="gateways" aria-label={t('gateways')}>
      <h2>{t('gateways')}</h2>
      {list === undefined ? <div class="card skeleton" /> : null}
      {list?.length === 0 ? <NoGateway /> : null}
      {list?.map((gateway) => (
        <GatewayCard key={gateway.id} gateway={gateway} />
      ))}
    </section>
  );
}

function NoGateway() {
  return (
    <div class="card hint">
      <strong>{t('gateways.none')}</strong>
      <p>{t('gateways.none.hint', { token: 'sluice token create', join: 'sluice join' })}</p>
    </div>
  );
}

export function GatewayCard({ gateway, href }: { readonly gateway: Gateway; readonly href?: string }) {
  const [shape, tone] = LINK_MARK[gateway.state];
  return (
    <article class={`card gateway ${gateway.state}`}>
      <header>
        <div class="names">
          <h3>{href === undefined ? (gateway.site ?? gateway.id) : <a href={href}>{gateway.site ?? gateway.id}</a>}</h3>
          <span class="muted">{gateway.id}</span>
        </div>
        <span class={`state tone-${tone}`}>
          <Mark shape={shape} tone={tone} />
          {t(`gateway.${gateway.state}`)}
        </span>
      </header>
      <dl class="facts">
        {linkFacts(gateway).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {gateway.channels.length > 0 ? (
        <>
          <h4>{t('channels')}</h4>
          <ul class="channels">
            {gateway.channels.map((channel) => (
              <ChannelRow key={channel.name} channel={channel} />
            ))}
          </ul>
        </>
      ) : null}
    </article>
  );
}

/** What there is to say of a gateway's link. */
export function linkFacts(gateway: Gateway): readonly (readonly [string, string])[] {
  const { backlog, oldestUnsent, clockOffsetMs, version } = gateway;
  const seen = seenAt(gateway);
  const lost = gaps.value.filter((gap) => gap.gateway === gateway.id).reduce((sum, gap) => sum + Number(gap.count), 0);
  const waiting = backlog !== null && backlog > 0 && oldestUnsent !== null;
  return [
    [t('gateway.seen'), seen === null ? t('gateway.never') : formatAgo(now.value - seen)],
    [t('gateway.backlog'), backlog === null ? '–' : formatNumber(backlog, 0)],
    ...(waiting ? [[t('gateway.oldest'), formatAge(now.value - oldestUnsent)] as const] : []),
    [t('gateway.lost'), lost === 0 ? t('gateway.lost.none') : formatNumber(lost, 0)],
    [t('gateway.clock'), clockOffsetMs === null ? '–' : offsetText(clockOffsetMs)],
    [t('gateway.version'), version ?? '–'],
  ];
}

function offsetText(ms: number): string {
  const sign = ms > 0 ? '+' : ms < 0 ? '−' : '±';
  const size = Math.abs(ms);
  return size < 2000 ? `${sign}${size} ms` : `${sign}${formatAge(size)}`;
}

function ChannelRow({ channel }: { readonly channel: Channel }) {
  const used = Math.round(channel.utilisation * 100);
  const share = channel.exchanges === 0 ? 0 : (100 * channel.faults) / channel.exchanges;
  const broken = channel.state === 'faulted';
  const problem = broken ? faultText(channel.fault, channel.problem) : undefined;
  return (
    <li>
      <div class="channel-line">
        <span class="channel-name">{channel.name}</span>
        {broken ? (
          <span class="state tone-high">
            <Mark shape="triangle" tone="high" />
            {t('channel.faulted')}
          </span>
        ) : (
          <span class="muted">{t(`channel.${channel.state}`)}</span>
        )}
      </div>
      <div class="muted small ellipsis" title={channel.port}>
        {channel.driver} · {channel.port}
      </div>
      {problem ? (
        <p class="problem">
          <Problem {...problem} />
        </p>
      ) : (
        <div class="use">
          <meter min={0} max={100} high={80} value={used} aria-label={t('channel.use', { percent: used })} />
          <span class="muted small">
            {t('channel.use', { percent: used })} · {t('channel.faults', { percent: formatNumber(share, 2) })}
          </span>
        </div>
      )}
    </li>
  );
}

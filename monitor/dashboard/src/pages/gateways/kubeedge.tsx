import { addressHash } from '../../app/address.ts';
import type { KubeDevice, KubeEdge, KubeOther } from '../../data/api.ts';
import { formatAgo, formatNumber } from '../../data/format.ts';
import { faultText } from '../../data/i18n.ts';
import { now } from '../../data/store.ts';
import { Mark, type MarkShape } from '../../kit/mark.tsx';
import { Problem, Prose } from '../../kit/prose.tsx';
import { tk } from './kubeedge-texts.ts';
import { Table } from './table.tsx';

const MAPPER_MARK: Readonly<Record<NonNullable<KubeEdge['mapper']>, readonly [MarkShape, string]>> = {
  connecting: ['ring', 'stale'],
  registered: ['circle', 'quiet'],
  faulted: ['triangle', 'high'],
};

const STATE_MARK: Readonly<Record<KubeDevice['state'], readonly [MarkShape, string]>> = {
  online: ['circle', 'quiet'],
  offline: ['triangle', 'high'],
  unhealthy: ['diamond', 'medium'],
  unknown: ['ring', 'stale'],
};

/** How a gateway stands as a mapper, and each Device object: why it is not read, or not told, if so. */
export function KubeEdgePanel({ gateway, kubeedge }: { readonly gateway: string; readonly kubeedge: KubeEdge }) {
  const { devices, contested, others = [] } = kubeedge;
  return (
    <section class="card part" data-part="kubeedge">
      <h3>{tk('title')}</h3>
      <p class="muted">
        <Prose text={tk('owner')} />
      </p>
      {contested ? (
        <p role="alert">
          <Mark shape="triangle" tone="high" /> {tk('contested', { protocols: contested.join(', ') })}
        </p>
      ) : null}
      <Facts kubeedge={kubeedge} />
      {devices.length === 0 ? (
        <p class="muted">{tk('none')}</p>
      ) : (
        <Table name={tk('title')} heads={[tk('object'), tk('device'), tk('state'), tk('told')]}>
          {devices.map((device) => (
            <Row key={device.id} gateway={gateway} device={device} />
          ))}
        </Table>
      )}
      <Others others={others} />
    </section>
  );
}

function Facts({ kubeedge }: { readonly kubeedge: KubeEdge }) {
  const { mapper, fault, problem, detail, reports, failed, limited } = kubeedge;
  const [shape, tone] = MAPPER_MARK[mapper ?? 'registered'];
  const why = fault === undefined ? undefined : faultText(fault, problem);
  const count = (value: number) => formatNumber(value, 0);
  return (
    <dl class="facts kube-facts">
      {mapper ? (
        <div>
          <dt>{tk('mapper')}</dt>
          <dd data-mapper={mapper}>
            <span class={`state tone-${tone}`}>
              <Mark shape={shape} tone={tone} />
              {tk(`mapper.${mapper}`)}
            </span>{' '}
            {why ? <Problem {...why} /> : null}
            {why && detail ? <span class="muted small under">{detail}</span> : null}
          </dd>
        </div>
      ) : null}
      {mapper === undefined && why ? (
        <div>
          <dt>{tk('fault')}</dt>
          <dd>
            <Problem {...why} />
            {detail ? <span class="muted small under">{detail}</span> : null}
          </dd>
        </div>
      ) : null}
      <Broker kubeedge={kubeedge} />
      <div>
        <dt>{tk('reports')}</dt>
        <dd>{tk('reports.text', { sent: count(reports), failed: count(failed), limited: count(limited) })}</dd>
      </div>
    </dl>
  );
}

/** The node's, where it is used. */
function Broker({ kubeedge: { broker, brokerFault } }: { readonly kubeedge: KubeEdge }) {
  if (broker === undefined) return null;
  return (
    <div>
      <dt>{tk('broker')}</dt>
      <dd>
        {broker === 'away' || brokerFault ? <Mark shape="triangle" tone="high" /> : null} {tk(`broker.${broker}`)}
        {brokerFault ? <span class="muted small under">{brokerFault}</span> : null}
      </dd>
    </div>
  );
}

/** The gateway's own devices, and messages that nobody could read. */
function Others({ others }: { readonly others: readonly KubeOther[] }) {
  if (others.length === 0) return null;
  return (
    <>
      <h4>{tk('others')}</h4>
      <ul class="kube-others">
        {others.map(({ id, code, problem, detail }) => (
          <li key={`${id} ${code}`} data-other={id}>
            <b>{id === '' ? tk('others.unnamed') : id}</b> <Problem {...faultText(code, problem)} />
            <span class="small under">
              <Prose text={detail} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Row({ gateway, device }: { readonly gateway: string; readonly device: KubeDevice }) {
  const { id, device: name, state, toldAt, code, problem, detail, contested, note } = device;
  const [shape, tone] = STATE_MARK[state];
  const why = code === undefined ? undefined : faultText(code, problem);
  return (
    <>
      <tr data-object={id}>
        <th scope="row">{id}</th>
        <td>
          {name === undefined ? (
            <span class="muted">{tk('unused')}</span>
          ) : (
            <a href={addressHash({ page: 'equipment', rest: [gateway, name] })}>{name}</a>
          )}
        </td>
        <td>
          <span class={`state tone-${tone}`}>
            <Mark shape={shape} tone={tone} />
            {tk(`state.${state}`)}
          </span>
          {contested ? (
            <span class="under">
              <span class="state tone-high" data-contested={id}>
                <Mark shape="triangle" tone="high" />
                {tk('contested.row')}
              </span>
            </span>
          ) : null}
        </td>
        <td class="number">{toldAt === undefined ? '–' : formatAgo(now.value - toldAt)}</td>
      </tr>
      {why || note ? (
        <tr data-why={id}>
          <td colSpan={4}>
            {why ? <Problem {...why} /> : null}
            {detail ? (
              <span class="small under">
                <Prose text={detail} />
              </span>
            ) : null}
            {note ? (
              <span class="muted small under">
                <Prose text={note} />
              </span>
            ) : null}
          </td>
        </tr>
      ) : null}
    </>
  );
}

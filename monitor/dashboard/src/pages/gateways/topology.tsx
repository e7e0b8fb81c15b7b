import { addressHash } from '../../app/address.ts';
import type { Device, Gateway } from '../../data/api.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { connection, devices, gateways } from '../../data/store.ts';
import { Mark, type MarkShape } from '../../kit/mark.tsx';
import { LINK_MARK } from '../points/gateways.tsx';
import { DEVICE_MARK, stateText, statsOf } from './device-now.ts';
import { deviceState } from './device-stats.ts';
import { tg } from './texts.ts';
import { type LineNode, plantTree } from './tree.ts';

/** The plant as a tree: a screen reader reads nested lists, the eye sees the lines between them. */
export function Topology() {
  const isLive = connection.value.state === 'live';
  const tree = plantTree(gateways.value ?? [], devices.value);
  return (
    <div class="card topology">
      <ul class="tree">
        <li>
          <Node
            title={tg('hub')}
            detail={location.host}
            mark={isLive ? ['circle', 'quiet'] : ['triangle', 'high']}
            state={t(isLive ? 'link.live' : 'link.connecting')}
          />
          <ul>
            {tree.map(({ gateway, lines }) => (
              <li key={gateway.id} data-node={gateway.id}>
                <Node
                  title={gateway.site ?? gateway.id}
                  detail={gateway.id}
                  mark={LINK_MARK[gateway.state]}
                  state={t(`gateway.${gateway.state}`)}
                  href={addressHash({ page: 'gateways', rest: [gateway.id] })}
                />
                <ul>
                  {lines.map((line) => (
                    <Line key={line.name} gateway={gateway} line={line} />
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </li>
      </ul>
    </div>
  );
}

function Line({ gateway, line }: { readonly gateway: Gateway; readonly line: LineNode }) {
  const [mark, state] = lineState(gateway, line);
  return (
    <li data-node={`${gateway.id}/${line.name}`}>
      <Node title={line.name} detail={line.channel?.driver ?? ''} mark={mark} state={state} />
      <ul>
        {line.devices.map((device) => (
          <DeviceNode key={device.id} device={device} />
        ))}
      </ul>
    </li>
  );
}

/** What a gateway said before its link went is not what is now. */
function lineState(gateway: Gateway, { channel }: LineNode): [readonly [MarkShape, string], string] {
  if (gateway.state === 'offline') return [['ring', 'stale'], tg('line.unknown')];
  if (channel === undefined) return [['ring', 'quiet'], tg('line.own')];
  if (channel.state === 'faulted') return [['triangle', 'high'], t('channel.faulted')];
  return [['circle', 'quiet'], t(`channel.${channel.state}`)];
}

function DeviceNode({ device }: { readonly device: Device }) {
  const stats = statsOf(device);
  return (
    <li data-node={device.id}>
      <Node
        title={titleOf(device.title, device.name)}
        detail={[device.vendor, device.model].filter(Boolean).join(' ')}
        mark={DEVICE_MARK[deviceState(stats)]}
        state={stateText(stats)}
        href={addressHash({ page: 'equipment', rest: [device.gateway, device.name] })}
      />
    </li>
  );
}

interface NodeProps {
  readonly title: string;
  readonly detail: string;
  readonly mark: readonly [MarkShape, string];
  readonly state: string;
  readonly href?: string;
}

function Node({ title, detail, mark: [shape, tone], state, href }: NodeProps) {
  return (
    <div class={`node tone-edge-${tone}`}>
      {href === undefined ? <strong>{title}</strong> : <a href={href}>{title}</a>}
      {detail ? <span class="muted small">{detail}</span> : null}
      <span class={`state tone-${tone}`}>
        <Mark shape={shape} tone={tone} />
        {state}
      </span>
    </div>
  );
}

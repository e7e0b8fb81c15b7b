import { addressHash } from '../../app/address.ts';
import { attention, knowsAlarms } from '../../data/alarm-store.ts';
import type { Point } from '../../data/api.ts';
import { formatAge, formatAgo } from '../../data/format.ts';
import { faultText, t, titleOf } from '../../data/i18n.ts';
import { limitsOf } from '../../data/rules.ts';
import { faultOf, lastOf, now, points, session, stateOf } from '../../data/store.ts';
import { valueText } from '../../data/value-text.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { Indicator } from '../../kit/indicator.tsx';
import { RunShape } from '../../kit/run-shape.tsx';
import { StateText } from '../../kit/state-text.tsx';
import { Tile } from '../../kit/tile.tsx';
import { pictureUrl } from '../documents/document-api.ts';
import type { BoardTile } from './board.ts';
import { tb } from './texts.ts';
import { nameOf, TrendTile } from './trend-tile.tsx';

export function findPoint(id: string): Point | undefined {
  return points.value?.find((point) => point.id === id);
}

/** What it is called where nobody gave it a title. */
export function tileTitle(tile: BoardTile): string {
  if (tile.title !== undefined) return tile.title;
  const point = 'point' in tile ? findPoint(tile.point) : undefined;
  return point ? nameOf(point) : tb(`kind.${tile.kind}`);
}

export function TileContent({ tile }: { readonly tile: BoardTile }) {
  const title = tileTitle(tile);
  switch (tile.kind) {
    case 'value':
    case 'state':
    case 'gauge':
      return <PointTile tile={tile} title={title} />;
    case 'trend':
    case 'table':
      return <PointsTile tile={tile} title={title} />;
    case 'alarms':
      return (
        <Tile title={title} state="live">
          <Alarms gateway={tile.gateway} />
        </Tile>
      );
    case 'picture':
      return (
        <Tile title={title} state="live">
          <img class="board-picture" src={pictureUrl(tile.picture)} alt={title} />
        </Tile>
      );
    case 'text':
      return (
        <Tile title={title} state="live">
          <p class="board-text">{tile.text}</p>
        </Tile>
      );
  }
}

interface PointTileProps {
  readonly tile: Extract<BoardTile, { point: string }>;
  readonly title: string;
}

function PointTile({ tile, title }: PointTileProps) {
  const point = findPoint(tile.point);
  if (point === undefined) return <Tile title={title} state="unconfigured" note={`${tb('unknown')} ${tile.point}`} />;
  const last = lastOf(point.id).value;
  const state = stateOf(point);
  const text = valueText(point, last);
  const unit = typeof last?.value === 'number' ? (point.unit ?? '') : '';
  const held = session.value;
  const isOnOff = tile.kind === 'state' && typeof last?.value === 'boolean';
  return (
    <Tile
      title={title}
      state={state}
      age={last ? formatAgo(now.value - last.at) : undefined}
      note={last?.fault === undefined ? undefined : faultText(last.fault, faultOf(last.fault)).text}
      isSimulated={held.state === 'in' && held.me.demo}
      href={addressHash({ page: 'equipment', rest: [point.gateway, point.device] })}
    >
      <p class="figure">
        {isOnOff ? <StateShape isOn={last?.value === true} text={text} /> : text} <span class="unit">{unit}</span>
      </p>
      {tile.kind === 'gauge' ? (
        <Indicator
          label={title}
          text={`${text} ${unit}`.trim()}
          value={typeof last?.value === 'number' ? last.value : null}
          scale={{ from: tile.from, to: tile.to }}
          limits={limitsOf(point)}
          isTrusted={state === 'live'}
        />
      ) : null}
    </Tile>
  );
}

/** Filled: it is so; hollow: it is not. A point that says whether something runs says it in those words. */
function StateShape({ isOn, text }: { readonly isOn: boolean; readonly text: string }) {
  return text === t('on') || text === t('off') ? (
    <span class="run">
      <svg viewBox="0 0 20 20" width="22" height="22" aria-hidden="true">
        <circle cx="10" cy="10" r="7.500" class={isOn ? 'filled' : 'hollow'} />
      </svg>
      {text}
    </span>
  ) : (
    <RunShape isRunning={isOn} />
  );
}

interface PointsTileProps {
  readonly tile: Extract<BoardTile, { points: readonly string[] }>;
  readonly title: string;
}

function PointsTile({ tile, title }: PointsTileProps) {
  const found = tile.points.map((id) => ({ id, point: findPoint(id) }));
  const known = found.flatMap(({ point }) => point ?? []);
  const held = session.value;
  const isSimulated = held.state === 'in' && held.me.demo;
  if (known.length === 0) return <Tile title={title} state="unconfigured" note={tb('unknown')} />;
  return (
    <Tile title={title} state="live" isSimulated={isSimulated}>
      {tile.kind === 'trend' ? (
        <TrendTile points={known} range={tile.range} />
      ) : (
        <table class="board-table">
          <thead>
            <tr>
              <th scope="col">{tb('point')}</th>
              <th scope="col">{tb('value')}</th>
              <th scope="col">{tb('age')}</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ id, point }) => (point ? <Row key={id} point={point} /> : <Unknown key={id} id={id} />))}
          </tbody>
        </table>
      )}
    </Tile>
  );
}

function Row({ point }: { readonly point: Point }) {
  const last = lastOf(point.id).value;
  const state = stateOf(point);
  return (
    <tr class={state === 'bad' || state === 'stale' || state === 'empty' ? 'hatched' : ''}>
      <td>
        <a href={addressHash({ page: 'equipment', rest: [point.gateway, point.device] })}>{nameOf(point)}</a>
      </td>
      <td>
        <StateText state={state} /> {valueText(point, last)}{' '}
        <span class="unit">{typeof last?.value === 'number' ? point.unit : ''}</span>
      </td>
      <td class="muted">{last ? formatAge(now.value - last.at) : '–'}</td>
    </tr>
  );
}

function Unknown({ id }: { readonly id: string }) {
  return (
    <tr class="hatched">
      <td>{id}</td>
      <td colSpan={2}>{tb('unknown')}</td>
    </tr>
  );
}

const MOST_ALARMS = 8;

function Alarms({ gateway }: { readonly gateway: string | undefined }) {
  const all = attention.value.filter((alarm) => gateway === undefined || alarm.gateway === gateway);
  if (all.length === 0) return <p class="muted">{knowsAlarms.value ? tb('alarms.none') : t('state.loading')}</p>;
  return (
    <ul class="board-alarms">
      {all.slice(0, MOST_ALARMS).map((alarm) => (
        <li key={alarm.id}>
          <a
            href={addressHash({
              page: 'alarms',
              query: { tab: alarm.acknowledged ? 'active' : 'unacked', alarm: alarm.id },
            })}
          >
            <AlarmToken priority={alarm.priority} label={t(`priority.${alarm.priority}`)} rests={!alarm.active} />
            <span>
              {titleOf(alarm.text, alarm.rule)}
              <span class="muted small">
                {' '}
                {[formatAge(now.value - alarm.raisedAt), alarm.acknowledged ? '' : tb('alarm.unacked')]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </span>
          </a>
        </li>
      ))}
      {all.length > MOST_ALARMS ? <li class="muted">{tb('alarms.more', { n: all.length - MOST_ALARMS })}</li> : null}
    </ul>
  );
}

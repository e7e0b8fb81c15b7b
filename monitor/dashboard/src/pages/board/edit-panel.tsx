import { useState } from 'preact/hooks';
import { t } from '../../data/i18n.ts';
import { gateways } from '../../data/store.ts';
import { Chooser } from '../documents/chooser.tsx';
import { PictureUpload } from '../documents/upload.tsx';
import {
  type BoardTile,
  MOST_TABLE_POINTS,
  MOST_TREND_POINTS,
  RANGES,
  TILE_KINDS,
  type TileKind,
  titled,
} from './board.ts';
import type { BoardEditing } from './board-editing.ts';
import { tb } from './texts.ts';

interface PanelProps {
  readonly editing: BoardEditing;
}

/** New tiles, and what the one that is selected shows. */
export function EditPanel({ editing }: PanelProps) {
  const { tile, editor, board } = editing;
  return (
    <aside class="card board-panel">
      {tile ? (
        <TileFields key={tile.id} editing={editing} tile={tile} />
      ) : (
        <section>
          <label class="board-field">
            {tb('name')}
            <input
              type="text"
              maxLength={100}
              value={board.name}
              onInput={(event) => editor.change({ ...board, name: event.currentTarget.value }, 'name of board')}
            />
          </label>
          <p class="muted small">{tb('select')}</p>
        </section>
      )}
      <Adding editing={editing} />
      <p class="muted small">{tb('keys')}</p>
    </aside>
  );
}

/** A tile is made when it is known what it shows. */
function Adding({ editing }: PanelProps) {
  const [kind, setKind] = useState<TileKind | undefined>();
  const add = (wanted: TileKind) => {
    setKind(undefined);
    if (wanted === 'alarms') editing.add({ kind: 'alarms' });
    else if (wanted === 'text') editing.add({ kind: 'text', text: '' });
    else setKind(wanted);
  };
  const choose = (id: string) => {
    setKind(undefined);
    if (kind === 'value' || kind === 'state') editing.add({ kind, point: id });
    if (kind === 'gauge') editing.add({ kind, point: id, from: 0, to: 100 });
    if (kind === 'trend') editing.add({ kind, points: [id], range: '1h' });
    if (kind === 'table') editing.add({ kind, points: [id] });
  };
  return (
    <section>
      <h3>{tb('add')}</h3>
      <div class="doc-actions">
        {TILE_KINDS.map((each) => (
          <button
            key={each}
            type="button"
            class="act"
            data-add={each}
            aria-pressed={kind === each}
            onClick={() => add(each)}
          >
            {tb(`kind.${each}`)}
          </button>
        ))}
      </div>
      {kind === 'picture' ? (
        <PictureUpload
          label={tb('picture')}
          taken={({ id }) => {
            setKind(undefined);
            editing.add({ kind: 'picture', picture: id });
          }}
        />
      ) : kind ? (
        <Chooser kinds={['point']} choose={({ id }) => choose(id)} />
      ) : null}
    </section>
  );
}

function TileFields({ editing, tile }: PanelProps & { readonly tile: BoardTile }) {
  return (
    <section>
      <label class="board-field">
        {tb('title')}
        <input
          type="text"
          maxLength={100}
          value={tile.title ?? ''}
          onInput={(event) => editing.set(titled(tile, event.currentTarget.value), `title of ${tile.id}`)}
        />
      </label>
      <KindFields editing={editing} tile={tile} />
      <div class="doc-actions">
        <button type="button" class="act" onClick={() => editing.remove()}>
          {tb('delete')}
        </button>
      </div>
    </section>
  );
}

function KindFields({ editing, tile }: PanelProps & { readonly tile: BoardTile }) {
  if ('point' in tile) {
    return (
      <>
        {tile.kind === 'gauge' ? <ScaleFields editing={editing} tile={tile} /> : null}
        <Chooser
          kinds={['point']}
          isChosen={({ id }) => id === tile.point}
          choose={({ id }) => editing.set({ ...tile, point: id })}
        />
      </>
    );
  }
  if ('points' in tile) return <PointsFields editing={editing} tile={tile} />;
  if (tile.kind === 'alarms') return <AlarmFields editing={editing} tile={tile} />;
  if (tile.kind === 'picture')
    return <PictureUpload label={tb('picture')} taken={({ id }) => editing.set({ ...tile, picture: id })} />;
  return (
    <label class="board-field">
      {tb('text')}
      <textarea
        rows={6}
        maxLength={2000}
        value={tile.text}
        onInput={(event) => editing.set({ ...tile, text: event.currentTarget.value }, `text of ${tile.id}`)}
      />
    </label>
  );
}

type Of<K extends TileKind> = Extract<BoardTile, { kind: K }>;

function ScaleFields({ editing, tile }: PanelProps & { readonly tile: Of<'gauge'> }) {
  const set = (end: 'from' | 'to', text: string) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) editing.set({ ...tile, [end]: value }, `${end} of ${tile.id}`);
  };
  return (
    <>
      {(['from', 'to'] as const).map((end) => (
        <label key={end} class="board-field">
          {tb(end)}
          <input type="number" step="any" value={tile[end]} onInput={(event) => set(end, event.currentTarget.value)} />
        </label>
      ))}
      {tile.from >= tile.to ? <p role="alert">{tb('scale.bad')}</p> : null}
    </>
  );
}

function PointsFields({ editing, tile }: PanelProps & { readonly tile: Of<'trend'> | Of<'table'> }) {
  const most = tile.kind === 'trend' ? MOST_TREND_POINTS : MOST_TABLE_POINTS;
  const toggle = (id: string) => {
    const others = tile.points.filter((each) => each !== id);
    const points = others.length < tile.points.length ? others : [...others, id];
    if (points.length > 0 && points.length <= most) editing.set({ ...tile, points });
  };
  return (
    <>
      {tile.kind === 'trend' ? (
        <label class="board-field select">
          {tb('range')}
          <select
            value={tile.range}
            onChange={({ currentTarget: { value } }) => {
              const range = RANGES.find((each) => each === value);
              if (range) editing.set({ ...tile, range });
            }}
          >
            {RANGES.map((range) => (
              <option key={range} value={range}>
                {t(`range.${range}`)}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <h3>{tb('points', { n: tile.points.length })}</h3>
      <Chooser kinds={['point']} isChosen={({ id }) => tile.points.includes(id)} choose={({ id }) => toggle(id)} />
    </>
  );
}

function AlarmFields({ editing, tile }: PanelProps & { readonly tile: Of<'alarms'> }) {
  return (
    <label class="board-field select">
      {tb('alarms.of')}
      <select
        value={tile.gateway ?? ''}
        onChange={({ currentTarget: { value } }) => {
          const { gateway: _, ...rest } = tile;
          editing.set(value === '' ? rest : { ...rest, gateway: value });
        }}
      >
        <option value="">{tb('alarms.all')}</option>
        {(gateways.value ?? []).map(({ id, site }) => (
          <option key={id} value={id}>
            {site ?? id}
          </option>
        ))}
      </select>
    </label>
  );
}

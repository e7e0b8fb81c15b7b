import { formatTime } from '../../data/format.ts';
import { now, zoneOf } from '../../data/store.ts';
import type { TrendSource } from '../../data/trend-source.ts';
import { nameOf, type Sample, sampleAt } from './line-text.ts';
import type { Line } from './lines.ts';
import { cursorAt, pointer } from './state.ts';
import { Swatch } from './swatch.tsx';
import { tt } from './texts.ts';

const AWAY_PX = 18;

/** What every line says at the cursor. */
export function Tip({ lines }: { readonly lines: readonly Line[] }) {
  const at = cursorAt.value;
  const place = pointer.value;
  if (at === undefined || place === undefined || lines.length === 0) return null;
  const isRight = place.x > innerWidth / 2;
  const isLow = place.y > innerHeight / 2;
  const style = {
    ...(isRight ? { right: `${innerWidth - place.x + AWAY_PX}px` } : { left: `${place.x + AWAY_PX}px` }),
    ...(isLow ? { bottom: `${innerHeight - place.y + AWAY_PX}px` } : { top: `${place.y + AWAY_PX}px` }),
  };
  return (
    <div class="tip small" style={style} role="status">
      <time>{formatTime(at, zoneOf(lines[0]?.point.gateway ?? ''))}</time>
      {lines.map((line) => (
        <TipLine key={line.point.id} line={line} at={at} />
      ))}
    </div>
  );
}

function TipLine({ line: { point, look, source, compared }, at }: { readonly line: Line; readonly at: number }) {
  const zone = zoneOf(point.gateway);
  const read = (from: TrendSource) =>
    sampleAt(
      { point, data: from.data.value, resolution: from.resolution.value, late: from.late.value },
      ...([at, now.value, zone] as const),
    );
  const other = compared ? read(compared) : undefined;
  return (
    <div class="tip-line">
      <Swatch look={look} />
      <span>{nameOf(point)}</span>
      <Said sample={read(source)} />
      {compared ? (
        <span class="tip-other muted">
          {tt('tip.compared')}: {other ? `${other.value} ${other.unit}` : tt('tip.none')}
        </span>
      ) : null}
    </div>
  );
}

function Said({ sample }: { readonly sample: Sample | undefined }) {
  if (!sample) return <span class="tip-value muted">{tt('tip.none')}</span>;
  return (
    <>
      <span class="tip-value">
        <strong>{sample.value}</strong> {sample.unit}
      </span>
      <span class="tip-more muted">
        {sample.spread ? `${sample.spread} · ` : ''}
        {sample.isBad ? <em>{sample.quality}</em> : sample.quality} · {sample.taken}
      </span>
    </>
  );
}

import { useEffect, useMemo } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { every } from '../../data/clock.ts';
import { formatAgo } from '../../data/format.ts';
import { faultText, titleOf } from '../../data/i18n.ts';
import { expectedInterval } from '../../data/point-state.ts';
import { limitsOf } from '../../data/rules.ts';
import { faultOf, lastOf, now, session, stateOf } from '../../data/store.ts';
import { valueText } from '../../data/value-text.ts';
import { Indicator } from '../../kit/indicator.tsx';
import { scaleFor } from '../../kit/scale.ts';
import { Sparkline } from '../../kit/sparkline.tsx';
import { Tile } from '../../kit/tile.tsx';
import type { Gauge } from './faces.ts';
import { SparkSource, STEP_MS } from './spark-source.ts';
import { te } from './texts.ts';

const REFRESH_MS = 60_000;

/** One quantity: where it stands between its limits, how old it is, its last hour, the way to its trend. */
export function GaugeTile({ gauge: { point, usual } }: { readonly gauge: Gauge }) {
  const last = lastOf(point.id).value;
  const state = stateOf(point);
  const value = typeof last?.value === 'number' ? last.value : null;
  const limits = limitsOf(point);
  const title = titleOf(point.title, point.point);
  const text = `${valueText(point, last)} ${value === null ? '' : (point.unit ?? '')}`.trim();
  const held = session.value;
  return (
    <Tile
      title={title}
      state={state}
      age={last ? formatAgo(now.value - last.at) : undefined}
      note={last?.fault === undefined ? undefined : faultText(last.fault, faultOf(last.fault)).text}
      isSimulated={held.state === 'in' && held.me.demo}
      href={addressHash({ page: 'points', rest: point.id.split('/'), query: { range: '24h' } })}
    >
      <p class="figure">
        {valueText(point, last)} <span class="unit">{value === null ? '' : (point.unit ?? '')}</span>
      </p>
      {usual !== undefined || limits.length > 0 ? (
        <Indicator
          label={title}
          text={text}
          value={value}
          scale={scaleFor(limits, usual, value)}
          limits={limits}
          isTrusted={state === 'live'}
        />
      ) : null}
      <Hour gauge={{ point }} />
    </Tile>
  );
}

function Hour({ gauge: { point } }: { readonly gauge: Gauge }) {
  const source = useMemo(() => new SparkSource(point), [point.id]);
  useEffect(() => {
    const load = () => void source.load().catch(() => {});
    load();
    return every(REFRESH_MS, load);
  }, [source]);
  const held = source.held.value;
  if (held === undefined) return <div class="sparkline" />;
  return (
    <Sparkline
      label={te('hour', { point: titleOf(point.title, point.point) })}
      points={held.points}
      from={held.from}
      to={held.to}
      gapMs={Math.max(1.5 * STEP_MS, 3 * (expectedInterval(point) ?? 0))}
    />
  );
}

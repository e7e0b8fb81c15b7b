import type { Point } from '../../data/api.ts';
import { titleOf } from '../../data/i18n.ts';
import { lastOf, stateOf } from '../../data/store.ts';
import { valueText } from '../../data/value-text.ts';
import { Mark } from '../../kit/mark.tsx';
import { RunShape } from '../../kit/run-shape.tsx';
import type { FaceKind } from './faces.ts';
import { powerPath } from './power-path.ts';
import { te } from './texts.ts';

interface DrawingProps {
  readonly kind: FaceKind;
  readonly points: readonly Point[];
}

/** What a class has beyond its numbers: how power, air or water goes. Nothing where a class has no picture. */
export function Drawing({ kind, points }: DrawingProps) {
  if (kind === 'ups') return <PowerFlow points={points} />;
  if (kind === 'power-meter') return <Phases points={points} />;
  if (kind === 'leak') return <Leak points={points} />;
  if (kind === 'crac') return <Air points={points} />;
  return kind === 'drive' || kind === 'generator' ? <Runs points={points} /> : null;
}

/** A flag as it was last read well; undefined: nobody knows. */
function flag(points: readonly Point[], name: RegExp): boolean | undefined {
  const point = points.find(({ point: own, kind }) => kind === 'boolean' && name.test(own));
  if (!point) return undefined;
  const last = lastOf(point.id).value;
  const isKnown = stateOf(point) === 'live' && typeof last?.value === 'boolean';
  return isKnown ? last.value === true : undefined;
}

/** A value of the drawing; doubtful ones say so by an ending mark. */
function shown(points: readonly Point[], name: RegExp): string {
  const point = points.find(({ point: own }) => name.test(own));
  if (!point) return '';
  const last = lastOf(point.id).value;
  const text = `${valueText(point, last)} ${last?.value == null ? '' : (point.unit ?? '')}`.trim();
  return stateOf(point) === 'live' ? text : `(${text})`;
}

function PowerFlow({ points }: { readonly points: readonly Point[] }) {
  const path = powerPath({
    onBattery: flag(points, /^(on-battery|utility-fail|mains-failed)$/),
    onMains: flag(points, /^(on-mains|online)$/),
    bypass: flag(points, /^(on-)?bypass$/),
  });
  const text = te(`ups.${path}`);
  const line = (isFlowing: boolean) => (isFlowing ? 'flow' : 'flow off');
  return (
    <figure class="card drawing">
      <svg viewBox="0 0 430 150" role="img" aria-label={text}>
        <path class={line(path === 'mains')} d="M100 38H170" />
        <path class={line(path === 'battery')} d="M215 98V64" />
        <path class={line(path !== 'unknown')} d="M260 38H330" />
        <path class={line(path === 'bypass')} d="M50 14V5H380V14" />
        <Box x={0} y={14} name={te('mains')} value={shown(points, /^input-voltage(-l1)?$/)} />
        <Box x={165} y={14} name="UPS" value={shown(points, /^load$/)} />
        <Box x={330} y={14} name={te('load')} value={shown(points, /^output-voltage(-l1)?$/)} />
        <Box x={165} y={98} name={te('battery')} value={shown(points, /^battery-(charge|voltage)$/)} />
      </svg>
      <figcaption class={path === 'mains' ? 'muted' : 'state tone-high'}>
        {path === 'mains' ? null : <Mark shape="triangle" tone="high" />}
        {text}
      </figcaption>
    </figure>
  );
}

function Box(props: { readonly x: number; readonly y: number; readonly name: string; readonly value: string }) {
  const { x, y, name, value } = props;
  return (
    <g>
      <rect class="box" x={x + 0.5} y={y} width={99} height={50} rx={6} />
      <text class="box-name" x={x + 50} y={y + 19} text-anchor="middle">
        {name}
      </text>
      <text class="box-value" x={x + 50} y={y + 39} text-anchor="middle">
        {value}
      </text>
    </g>
  );
}

const PHASES = ['l1', 'l2', 'l3'] as const;

function Phases({ points }: { readonly points: readonly Point[] }) {
  if (!points.some(({ point }) => point === 'voltage-l1')) return null;
  const columns = (['voltage', 'current', 'power'] as const).filter((name) =>
    points.some(({ point }) => point === `${name}-l1`),
  );
  return (
    <div class="card drawing">
      <table class="phases">
        <thead>
          <tr>
            <th scope="col">{te('phase')}</th>
            {columns.map((name) => (
              <th scope="col" key={name}>
                {te(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {PHASES.map((phase) => (
            <tr key={phase}>
              <th scope="row">{phase.toUpperCase()}</th>
              {columns.map((name) => (
                <td key={name}>{shown(points, new RegExp(`^${name}-${phase}$`))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Leak({ points }: { readonly points: readonly Point[] }) {
  const isWet = flag(points, /^(leak|alarm|wet)$/);
  const text = te(isWet === undefined ? 'leak.unknown' : isWet ? 'wet' : 'dry');
  return (
    <figure class={isWet === undefined ? 'card drawing hatched' : 'card drawing'}>
      <svg viewBox="0 0 100 110" class="drop" role="img" aria-label={text}>
        <path class={isWet ? 'wet' : 'dry'} d="M50 6C66 34 84 50 84 70a34 34 0 0 1-68 0C16 50 34 34 50 6z" />
      </svg>
      <figcaption class={isWet ? 'state tone-critical' : 'muted'}>
        {isWet ? <Mark shape="square" tone="critical" /> : null}
        {text}
      </figcaption>
    </figure>
  );
}

function Air({ points }: { readonly points: readonly Point[] }) {
  return (
    <figure class="card drawing">
      <svg viewBox="0 0 430 90" role="img" aria-label={`${te('air.return')} – ${te('air.supply')}`}>
        <path class="flow" d="M100 45H165" />
        <path class="flow" d="M265 45H330" />
        <Box x={0} y={20} name={te('air.return')} value={shown(points, /^(return|exhaust)-temperature$/)} />
        <Box x={165} y={20} name="CRAC" value={shown(points, /^(cooling-capacity|valve|fan-speed)$/)} />
        <Box x={330} y={20} name={te('air.supply')} value={shown(points, /^(supply|cabinet)-temperature$/)} />
      </svg>
    </figure>
  );
}

function Runs({ points }: { readonly points: readonly Point[] }) {
  const point = points.find(({ point: own, kind }) => kind === 'boolean' && /^running$/.test(own));
  const isRunning = flag(points, /^running$/);
  if (!point || isRunning === undefined) return null;
  return (
    <figure class="card drawing">
      <figcaption>
        {titleOf(point.title, point.point)}: <RunShape isRunning={isRunning} />
      </figcaption>
    </figure>
  );
}

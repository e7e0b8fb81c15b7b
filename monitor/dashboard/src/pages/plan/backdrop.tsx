import type { ComponentChildren } from 'preact';
import type { Priority } from '../../data/api.ts';
import { t } from '../../data/i18n.ts';
import { AlarmToken } from '../../kit/alarm-token.tsx';
import { pictureUrl } from '../documents/document-api.ts';
import { type Box, nameSpot, type Rect, textWidth } from './cluster.ts';
import { boundsOf, scaleBar } from './geometry.ts';
import type { Corner, Plan, Room, Zone } from './plan.ts';
import { tp } from './texts.ts';

interface BackdropProps {
  readonly plan: Plan;
  readonly size: Box;
  readonly scale: number;
  /** Where labels stand: names of rooms keep clear of them. */
  readonly taken: readonly Rect[];
  readonly priorityOf: (zone: Zone) => Priority | undefined;
  readonly children?: ComponentChildren;
}

const NAME_PX = 12;
const TOKEN_PX = 20;

/** The picture or the rooms, zones with colour only where something is wrong, and the scale. */
export function Backdrop({ plan, size, scale, taken, priorityOf, children }: BackdropProps) {
  const { width, height } = size;
  const names = namesOf(plan, size, scale, taken, priorityOf);
  return (
    <>
      <svg
        class="plan-drawing"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={tp('stage.label', { name: plan.name })}
      >
        {plan.picture ? (
          <image href={pictureUrl(plan.picture)} width={width} height={height} preserveAspectRatio="none" />
        ) : null}
        {plan.rooms.map((room) => (
          <path key={room.id} class="plan-room" d={pathOf(room.outline, size)}>
            <title>{room.name}</title>
          </path>
        ))}
        {plan.zones.map((zone) => {
          const priority = priorityOf(zone);
          return (
            <path
              key={zone.id}
              data-zone={zone.id}
              class={priority ? `plan-zone tone-${priority}` : 'plan-zone'}
              d={pathOf(zone.outline, size)}
            >
              <title>{priority ? `${zone.name}: ${t(`priority.${priority}`)}` : zone.name}</title>
            </path>
          );
        })}
        {plan.widthMetres === undefined ? null : <ScaleBar metres={plan.widthMetres} size={size} />}
        {children}
      </svg>
      {names.map(({ shape, word, priority, spot }) => (
        <span
          key={`${shape.id} ${shape.name}`}
          class={priority ? `plan-name tone-${priority}` : 'plan-name'}
          style={{ left: `${spot.left}px`, top: `${spot.top}px` }}
        >
          {priority ? <AlarmToken priority={priority} label={t(`priority.${priority}`)} /> : null}
          {word}
        </span>
      ))}
    </>
  );
}

export function pathOf(outline: readonly Corner[], { width, height }: Box): string {
  return `M${outline.map(([x, y]) => `${(x * width).toFixed(1)} ${(y * height).toFixed(1)}`).join('L')}Z`;
}

/** A zone that is wrong is named first: what is wrong has to have its word. */
function namesOf(
  { rooms, zones }: Plan,
  size: Box,
  scale: number,
  taken: readonly Rect[],
  priorityOf: BackdropProps['priorityOf'],
) {
  const shapes: { readonly shape: Room; readonly priority?: Priority | undefined }[] = [
    ...zones.map((shape) => ({ shape, priority: priorityOf(shape) })),
    ...rooms.map((shape) => ({ shape })),
  ];
  shapes.sort((a, b) => Number(b.priority !== undefined) - Number(a.priority !== undefined));
  const full = [...taken];
  return shapes.flatMap(({ shape, priority }) => {
    const { left, top, right, bottom } = boundsOf(shape.outline);
    const bounds = {
      ...{ left: left * size.width, top: top * size.height },
      ...{ width: (right - left) * size.width, height: (bottom - top) * size.height },
    };
    // What is wrong has to have its word, if need be a shorter one.
    const words = priority ? [shape.name, t(`priority.${priority}`), ''] : [shape.name];
    for (const word of words) {
      const name = {
        width: textWidth(word, NAME_PX * scale) + (priority ? TOKEN_PX + 6 : 4),
        height: (priority ? TOKEN_PX : 18) * scale,
      };
      const spot = nameSpot(bounds, name, full);
      if (!spot) continue;
      full.push(spot);
      return [{ shape, word, priority, spot }];
    }
    return [];
  });
}

function ScaleBar({ metres, size: { width, height } }: { readonly metres: number; readonly size: Box }) {
  const bar = scaleBar(metres);
  const right = width - 12;
  const left = right - bar.share * width;
  return (
    <g class="plan-scale">
      <path d={`M${left} ${height - 16}v6h${right - left}v-6`} />
      <text x={right} y={height - 20} text-anchor="end">
        {tp('scale', { n: bar.metres })}
      </text>
    </g>
  );
}

import { useRef, useState } from 'preact/hooks';
import { t } from '../../data/i18n.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { useSize } from '../../kit/use-size.ts';
import { Backdrop } from './backdrop.tsx';
import { cluster, type Placed, type Rect } from './cluster.ts';
import { type Label, labelFor } from './label.ts';
import { isShown, type Layer, type Look, lookOf, type World, worstLook, zonePriority } from './look.ts';
import { ageOf, figureOf, fullNameOf, hrefOf, nameOf, unseenOf } from './marker-text.ts';
import type { Plan } from './plan.ts';
import { isHatched, Sign } from './sign.tsx';
import { tp } from './texts.ts';

interface StageProps {
  readonly plan: Plan;
  readonly world: World;
  readonly layer: Layer;
  readonly isPast: boolean;
  readonly isSimulated: boolean;
}

/** The plan as it is looked at: nothing on it can be moved. */
export function Stage({ plan, world, layer, isPast, isSimulated }: StageProps) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  const [opened, setOpened] = useState<readonly string[] | undefined>();
  const label = labelFor(size);
  const looks = plan.markers.map((marker) => lookOf(marker, world, layer));
  const shown = looks.filter((look) => isShown(look, layer));
  const placed = shown.map((item) => ({ item, x: item.marker.x * size.width, y: item.marker.y * size.height }));
  const groups = size.width === 0 ? [] : cluster(placed, label, size);
  const taken = groups.map(({ x, y }): Rect => ({ left: x - label.width / 2, top: y - label.height / 2, ...label }));
  const isQuiet = shown.length === 0 && plan.markers.length > 0;
  return (
    <div
      ref={element}
      class={isPast ? 'plan-stage past' : 'plan-stage'}
      style={{ aspectRatio: String(plan.aspect), maxWidth: `calc((100vh - 250px) * ${plan.aspect})` }}
    >
      <Backdrop
        plan={plan}
        size={size}
        scale={label.scale}
        taken={taken}
        priorityOf={(zone) => zonePriority(zone, world.alarms)}
      />
      {groups.map((group) => (
        <Group
          key={group.item.map(({ marker }) => marker.id).join(' ')}
          group={group}
          label={label}
          isPast={isPast}
          open={() => setOpened(group.item.map(({ marker }) => marker.id))}
        />
      ))}
      {isSimulated ? <span class="sim plan-sim">{t('tile.simulated')}</span> : null}
      {isQuiet ? <p class="plan-quiet">{tp(layer === 'alarms' ? 'layer.quiet' : 'layer.empty')}</p> : null}
      {opened ? (
        <Together
          looks={looks.filter(({ marker }) => opened.includes(marker.id))}
          isPast={isPast}
          close={() => setOpened(undefined)}
        />
      ) : null}
    </div>
  );
}

interface GroupProps {
  readonly group: Placed<readonly Look[]>;
  readonly label: Label;
  readonly isPast: boolean;
  readonly open: () => void;
}

function Group({ group: { item: looks, x, y }, label, isPast, open }: GroupProps) {
  const style = {
    ...{ left: `${x - label.width / 2}px`, top: `${y - label.height / 2}px` },
    ...{ width: `${label.width - 4}px`, height: `${label.height - 4}px` },
  };
  const [look] = looks;
  if (looks.length === 1 && look)
    return <MarkerLink look={look} isCompact={label.isCompact} isPast={isPast} style={style} />;
  const worst = worstLook(looks);
  const text = tp('together', { n: looks.length });
  return (
    <button
      type="button"
      class={isHatched(worst) ? 'plan-marker hatched' : 'plan-marker'}
      data-cluster={looks.length}
      style={style}
      aria-haspopup="dialog"
      onClick={open}
    >
      <Sign {...worst} />
      <span>{label.isCompact ? `×${looks.length}` : text}</span>
      <span class="hidden">{looks.map((each) => nameOf(each)).join(', ')}</span>
    </button>
  );
}

interface MarkerProps {
  readonly look: Look;
  readonly isCompact: boolean;
  readonly isPast: boolean;
  readonly style: Readonly<Record<string, string>>;
}

function MarkerLink({ look, isCompact, isPast, style }: MarkerProps) {
  const age = isPast ? '' : ageOf(look);
  const name = nameOf(look);
  const figure = figureOf(look);
  const classes = [
    'plan-marker',
    isCompact ? 'compact' : '',
    look.state,
    isHatched(look) ? 'hatched' : '',
    look.priority ? `alarmed tone-${look.priority}` : '',
  ];
  return (
    <a class={classes.filter(Boolean).join(' ')} href={hrefOf(look)} style={style} data-marker={look.marker.id}>
      <span class="plan-figure">
        <Sign {...look} />
        <strong class="ellipsis" title={figure}>
          {figure}
        </strong>
        {isCompact && look.state === 'live' ? null : <span class="plan-age">{age}</span>}
      </span>
      {isCompact ? null : (
        <span class="plan-of ellipsis" title={name}>
          {name}
        </span>
      )}
      <span class="hidden">{unseenOf(look, isCompact, isPast)}</span>
    </a>
  );
}

interface TogetherProps {
  readonly looks: readonly Look[];
  readonly isPast: boolean;
  readonly close: () => void;
}

function Together({ looks, isPast, close }: TogetherProps) {
  return (
    <Dialog title={tp('together.here')} kind="together" close={close} closeText={t('close')}>
      <ul class="plan-together">
        {looks.map((look) => (
          <li key={look.marker.id}>
            <a href={hrefOf(look)} onClick={close}>
              <Sign {...look} />
              <span>{fullNameOf(look)}</span>
              <strong>{figureOf(look)}</strong>
              <span class="muted small">{isPast ? tp('past.word') : ageOf(look)}</span>
            </a>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

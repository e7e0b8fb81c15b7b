import './commands.css';
import { useEffect, useState } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { ask, type Device, type Point } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { titleOf } from '../../data/i18n.ts';
import { Mark, type MarkShape } from '../../kit/mark.tsx';
import { shownValue } from './outcome.tsx';
import { PresentValue } from './present-value.tsx';
import { SetButton } from './set-value.tsx';
import { tc } from './texts.ts';
import { mayWrite, reasonText, type Twin, type TwinRow, twinPath, want } from './write-data.ts';

const LOOK_EVERY_MS = 2000;

const MARKS: Readonly<Record<Exclude<TwinRow['state'], 'none'>, readonly [MarkShape, string]>> = {
  pending: ['ring', 'quiet'],
  waiting: ['ring', 'quiet'],
  held: ['circle', 'quiet'],
  drift: ['triangle', 'high'],
  refused: ['diamond', 'medium'],
  unknown: ['triangle', 'high'],
};

/** The points of a machine that can be set: what they hold, what is wanted of them, and whether that is so. */
export function TwinCard({ device, points }: { readonly device: Device; readonly points: readonly Point[] }) {
  const [twin, setTwin] = useState<Twin | undefined>(undefined);
  const writable = points.filter(({ writable: can, retired }) => can && !retired);
  const load = () => {
    ask<Twin>(twinPath(device.gateway, device.name)).then(setTwin, () => {});
  };
  const any = writable.length > 0;
  useEffect(() => {
    if (!any) return undefined;
    load();
    return every(LOOK_EVERY_MS, load);
  }, [device.id, any]);
  if (!any) return null;
  const list = addressHash({ page: 'commands', query: { gateway: device.gateway, place: device.name } });
  return (
    <section class="card face-list twin" aria-label={tc('twin.title')}>
      <h3>{tc('twin.title')}</h3>
      <ul>
        {writable.map((point) => (
          <Line
            key={point.id}
            point={point}
            row={twin?.points.find((each) => each.point === point.point)}
            changed={load}
          />
        ))}
      </ul>
      <a href={list}>{tc('twin.list')}</a>
    </section>
  );
}

interface LineProps {
  readonly point: Point;
  readonly row: TwinRow | undefined;
  readonly changed: () => void;
}

function Line({ point, row, changed }: LineProps) {
  const name = titleOf(point.title, point.point);
  return (
    <li class="twin-line" data-twin={point.point} data-state={row?.state ?? 'none'}>
      <a href={addressHash({ page: 'points', rest: point.id.split('/') })}>{name}</a>
      <span class="face-value">
        <PresentValue point={point} />
      </span>
      <SetButton point={point} changed={changed} />
      {row?.desired ? <Wanted point={point} name={name} row={row} desired={row.desired} changed={changed} /> : null}
    </li>
  );
}

interface WantedProps extends LineProps {
  readonly name: string;
  readonly row: TwinRow;
  readonly desired: NonNullable<TwinRow['desired']>;
}

function Wanted({ point, name, row: { state, reason }, desired, changed }: WantedProps) {
  const [shape, tone] = MARKS[state === 'none' ? 'pending' : state];
  return (
    <span class="twin-wanted small">
      <span class="state">
        <Mark shape={shape} tone={tone} />
        {tc('twin.wanted')} {shownValue(point, desired.value)}: {state === 'none' ? '' : tc(`twin.${state}`)}
        {desired.enforce ? `, ${tc('twin.enforced')}` : ''}
      </span>
      {reason ? <span class="muted">{reasonText(reason)}</span> : null}
      {mayWrite() ? (
        <button
          type="button"
          class="plain"
          aria-label={tc('twin.drop.of', { point: name })}
          onClick={() => void want(point, null).then(changed, () => {})}
        >
          {tc('twin.drop')}
        </button>
      ) : null}
    </span>
  );
}

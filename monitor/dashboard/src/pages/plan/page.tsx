import '../documents/documents.css';
import './plan.css';
import './edit.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { address, addressHash } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { gateways, now, points, session } from '../../data/store.ts';
import { Tile } from '../../kit/tile.tsx';
import type { SavedDocument } from '../documents/document-api.ts';
import { DocumentBar } from '../documents/document-bar.tsx';
import { Shelf } from '../documents/shelf.ts';
import { td } from '../documents/texts.ts';
import { EditMode } from './edit-mode.tsx';
import { LAYERS, lookOf, pointsOf } from './look.ts';
import { Legend, MarkerList } from './marker-list.tsx';
import { emptyPlan, type Plan } from './plan.ts';
import { Replay } from './replay.ts';
import { ReplayBar } from './replay-bar.tsx';
import { Stage } from './stage.tsx';
import { tp } from './texts.ts';
import { worldAt } from './world.ts';

/** Where is it? Floors as they are drawn, quiet until something is wrong. */
export function FloorPlan() {
  const shelf = useMemo(() => new Shelf<Plan>('floor-plan'), []);
  const [edited, setEdited] = useState<string | undefined>();
  const held = session.value;
  const isIn = held.state === 'in';
  const heads = shelf.heads.value;
  const id = address.value.rest[0] ?? (heads.state === 'ready' ? heads.is[0]?.id : undefined);
  useEffect(() => {
    if (isIn) void shelf.list();
  }, [isIn]);
  useEffect(() => {
    setEdited(undefined);
    if (isIn && id !== undefined) void shelf.load(id);
  }, [isIn, id]);
  const open = shelf.open.value;
  const plan = id !== undefined && open.state === 'ready' && open.is.id === id ? open.is : undefined;
  const mayEdit = isIn && held.me.role === 'admin';
  if (plan && edited === plan.id) {
    return (
      <div class="plan-page">
        <EditMode shelf={shelf} open={plan} leave={() => setEdited(undefined)} />
      </div>
    );
  }
  return (
    <div class="plan-page">
      <DocumentBar page="plan" label={tp('floors')} shelf={shelf} open={plan} mayEdit={mayEdit} blank={emptyPlan}>
        {mayEdit && plan ? (
          <button type="button" class="act" onClick={() => setEdited(plan.id)}>
            {tp('edit')}
          </button>
        ) : null}
      </DocumentBar>
      {plan && points.value ? (
        <View key={plan.id} plan={plan} />
      ) : (
        <Absent shelf={shelf} wanted={id} mayEdit={mayEdit} />
      )}
    </div>
  );
}

interface AbsentProps {
  readonly shelf: Shelf<Plan>;
  readonly wanted: string | undefined;
  readonly mayEdit: boolean;
}

/** Why there is no plan to see. */
function Absent({ shelf, wanted, mayEdit }: AbsentProps) {
  const [heads, open] = [shelf.heads.value, shelf.open.value];
  const failed = heads.state === 'failed' ? heads : open.state === 'failed' ? open : undefined;
  if (failed?.why === 'forbidden') return <Tile title={tp('floors')} state="forbidden" note={td('forbidden')} />;
  if (failed?.why === 'not-found') {
    return (
      <div class="card hint">
        <strong>{tp('gone')}</strong>
        <p>
          <a href={addressHash({ page: 'plan' })}>{tp('floors')}</a>
        </p>
      </div>
    );
  }
  if (failed) {
    const retry = () => {
      void shelf.list();
      if (wanted !== undefined) void shelf.load(wanted);
    };
    return <Tile title={td('failed')} state="error" note={failed.why} retry={retry} />;
  }
  if (heads.state === 'ready' && heads.is.length === 0) {
    return (
      <div class="card hint">
        <strong>{tp('none')}</strong>
        <p>{tp(mayEdit ? 'none.hint' : 'none.ask')}</p>
      </div>
    );
  }
  return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
}

function View({ plan: { body: plan } }: { readonly plan: SavedDocument<Plan> }) {
  const [replay, setReplay] = useState<Replay | undefined>();
  const [at, setAt] = useState<number | undefined>();
  const layer = LAYERS.find((each) => each === address.value.query.layer) ?? 'all';
  useEffect(() => () => replay?.stop(), [replay]);
  const world = worldAt(replay, at);
  const isPast = at !== undefined;
  const held = session.value;
  const isSimulated = held.state === 'in' && held.me.demo;
  const shownPoints = plan.markers.flatMap((marker) => pointsOf(lookOf(marker, world, layer), world));
  const begin = () => {
    const next = new Replay(shownPoints, now.value);
    setReplay(next);
    setAt(next.steps.at(-1));
    void next.load();
  };
  const end = () => {
    setReplay(undefined);
    setAt(undefined);
  };
  const zone = gateways.value?.[0]?.timezone ?? 'UTC';
  const { rest, query } = address.value;
  return (
    <>
      <nav class="choice views plan-layers" aria-label={tp('layers')}>
        {LAYERS.map((each) => (
          <a
            key={each}
            href={addressHash({ page: 'plan', rest, query: { ...query, layer: each } })}
            aria-current={each === layer ? 'page' : undefined}
          >
            {tp(`layer.${each}`)}
          </a>
        ))}
      </nav>
      <Stage plan={plan} world={world} layer={layer} isPast={isPast} isSimulated={isSimulated} />
      <ReplayBar
        replay={replay}
        at={at}
        zone={zone}
        pointCount={shownPoints.length}
        begin={begin}
        show={setAt}
        end={end}
      />
      <Legend isSimulated={isSimulated} />
      <MarkerList plan={plan} world={world} layer={layer} isPast={isPast} />
    </>
  );
}

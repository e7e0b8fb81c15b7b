import '../documents/documents.css';
import './plan.css';
import './markers.css';
import './edit.css';
import { useEffect, useState } from 'preact/hooks';
import { address, addressHash } from '../../app/address.ts';
import { gateways, now, points, session } from '../../data/store.ts';
import { Absent } from '../documents/absent.tsx';
import type { SavedDocument } from '../documents/document-api.ts';
import { DocumentBar } from '../documents/document-bar.tsx';
import { useDocuments } from '../documents/use-documents.ts';
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
  const { shelf, wanted, open: plan, role, isEdited, edit, leave } = useDocuments<Plan>('floor-plan');
  const mayEdit = role === 'admin';
  if (plan && isEdited) {
    return (
      <div class="plan-page">
        <EditMode shelf={shelf} open={plan} leave={leave} />
      </div>
    );
  }
  return (
    <div class="plan-page">
      <DocumentBar label={tp('floors')} shelf={shelf} open={plan} mayEdit={mayEdit} blank={emptyPlan}>
        {mayEdit && plan ? (
          <button type="button" class="act" onClick={edit}>
            {tp('edit')}
          </button>
        ) : null}
      </DocumentBar>
      {plan && points.value ? (
        <View key={plan.id} plan={plan} />
      ) : (
        <Absent
          shelf={shelf}
          wanted={wanted}
          label={tp('floors')}
          gone={tp('gone')}
          none={tp('none')}
          hint={tp(mayEdit ? 'none.hint' : 'none.ask')}
        />
      )}
    </div>
  );
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

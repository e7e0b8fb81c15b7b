import { useSignal } from '@preact/signals';
import type { ProfileEntry } from './device-step.tsx';
import { type Draft, hasLine, nameFor } from './draft.ts';
import { type Order, useOrder } from './order.ts';
import { tn } from './texts.ts';
import { orderProblem, whyOf } from './why.ts';

interface Found {
  readonly unitId: number;
  readonly likely: readonly { readonly profile: string; readonly isProven: boolean }[];
  readonly serial?: { readonly baudRate: number; readonly parity: 'none' | 'even' | 'odd' };
}

interface ScanBody {
  readonly found: readonly Found[];
  readonly garbled: number;
}

interface FindStepProps {
  readonly gateway: string;
  readonly line: Readonly<Record<string, unknown>>;
  readonly profiles: readonly ProfileEntry[];
  readonly draft: Draft;
  readonly changed: (change: Partial<Draft>) => void;
}

/** Which devices answer on the line that nobody has set up. */
export function FindStep({ gateway, line, profiles, draft, changed }: FindStepProps) {
  const { order, isUnderWay, give, cancel } = useOrder<ScanBody>(gateway, 'scan');
  const units = useSignal('1-32');
  const problem = useSignal('');
  const scan = async () => {
    problem.value = '';
    try {
      await give({ line, units: units.value });
    } catch (error) {
      problem.value = whyOf(error);
    }
  };
  const choose = ({ unitId, likely, serial }: Found, profile = likely[0]?.profile ?? '') => {
    const name = profile === '' ? draft.name : nameFor(profile, unitId);
    const tuned = serial && draft.known === undefined ? { line: { ...draft.line, ...pick(serial) } } : {};
    changed({ unitId, profile, name, ...tuned });
  };
  const isModbus = String(line.driver).startsWith('modbus');
  const now = order.value;
  const why = problem.value || (now ? orderProblem(now) : '');
  return (
    <fieldset class="card part step">
      <legend>{tn('find.title')}</legend>
      {isModbus ? null : <p class="muted">{tn('scan.modbus')}</p>}
      <div class="fields">
        <label>
          {tn('find.units')}
          <input
            value={units.value}
            disabled={!isModbus}
            onInput={(event) => {
              units.value = event.currentTarget.value;
            }}
          />
          <span class="muted small">{tn('find.units.hint')}</span>
        </label>
      </div>
      <p class="ways">
        {isUnderWay ? (
          <button type="button" class="act" onClick={cancel}>
            {tn('cancel')}
          </button>
        ) : (
          <button type="button" class="act" disabled={!isModbus || !hasLine(draft)} onClick={() => void scan()}>
            {tn('scan')}
          </button>
        )}
        <span class="muted small">{tn('scan.note')}</span>
      </p>
      {now ? <ScanProgress order={now} isUnderWay={isUnderWay} /> : null}
      {why ? (
        <p class="problem" role="alert">
          {why}
        </p>
      ) : null}
      {now?.body && now.body.found.length > 0 ? (
        <ul class="found" aria-label={tn('scan.found')}>
          {now.body.found.map((found) => (
            <FoundRow
              key={found.unitId}
              found={found}
              profiles={profiles}
              choose={(profile) => choose(found, profile)}
            />
          ))}
        </ul>
      ) : null}
      {now?.state === 'done' && now.body && now.body.found.length > 0 ? (
        <p class="muted" role="status">
          {tn('scan.done', { n: now.body.found.length })}
        </p>
      ) : null}
      {now?.state === 'done' && now.body?.found.length === 0 ? <p role="status">{tn('scan.nobody')}</p> : null}
      {now?.body && now.body.garbled > 0 ? <p class="muted">{tn('scan.garbled', { n: now.body.garbled })}</p> : null}
    </fieldset>
  );
}

function pick({ baudRate, parity }: NonNullable<Found['serial']>) {
  return { baudRate, parity };
}

function ScanProgress({ order, isUnderWay }: { readonly order: Order<ScanBody>; readonly isUnderWay: boolean }) {
  if (!isUnderWay) return null;
  const { done = 0, total = 1 } = order.progress ?? {};
  return (
    <p role="status">
      <progress max={total} value={done} aria-label={tn('scan')} />{' '}
      {order.progress ? tn('scan.progress', { done, total }) : null}
    </p>
  );
}

interface FoundRowProps {
  readonly found: Found;
  readonly profiles: readonly ProfileEntry[];
  readonly choose: (profile?: string) => void;
}

function FoundRow({ found, profiles, choose }: FoundRowProps) {
  const { unitId, likely } = found;
  return (
    <li data-unit={unitId}>
      <strong>{tn('scan.unit', { unit: unitId })}</strong>
      {likely.length === 0 ? (
        <>
          <span class="muted">{tn('scan.strange')}</span>
          <button type="button" class="act" onClick={() => choose()}>
            {tn('choose')}
          </button>
        </>
      ) : null}
      {likely.map(({ profile, isProven }) => (
        <button key={profile} type="button" class="act" onClick={() => choose(profile)}>
          {tn(isProven ? 'scan.proven' : 'scan.likely', { profile: nameOf(profile, profiles) })}
        </button>
      ))}
    </li>
  );
}

/** What stands on the device's plate beside the profile's own name: that alone says little. */
function nameOf(profile: string, profiles: readonly ProfileEntry[]): string {
  const known = profiles.find(({ name }) => name === profile);
  if (known === undefined) return profile;
  return `${known.vendor} ${known.models.slice(0, 2).join(', ')} (${profile})`;
}

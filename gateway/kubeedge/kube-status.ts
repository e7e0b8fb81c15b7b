import type { KubeEdgeStatus } from '../../cloud-sync/protocol/kubeedge-status.ts';
import type { TwinStand } from '../../cloud-sync/protocol/twins.ts';
import type { FaultCode } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { KubeEntry } from './kube-plant.ts';
import type { Refusal } from './refusals.ts';
import type { Stand } from './report-queue.ts';
import { wantsOf } from './wanted.ts';

export interface StandingFacts {
  readonly entries: readonly KubeEntry[];
  readonly stands: readonly Stand[];
  readonly toldAt: (id: string) => UnixMs | undefined;
  /** Protocols that another mapper seems to have taken over. */
  readonly contested: readonly string[];
  readonly refusals: ReadonlyMap<string, Refusal>;
  readonly twins: TwinStand['points'];
  /** By object, what of it is not pushed. */
  readonly unpushed: ReadonlyMap<string, string>;
  /** Wanted of the gateway's own devices, and meaningless; by id. */
  readonly meaningless: ReadonlyMap<string, string>;
  /** The id of a device of the gateway's own. */
  readonly idOfOwn: (device: string) => string;
}

/** The schema's bounds. */
const MOST_DEVICES = 1000;
const MOST_OTHERS = 100;
const MOST_ID = 320;
const MOST_DETAIL = 300;
/** Of many devices less is said of each: the status is one message. */
const MANY_DEVICES = 200;
const MOST_DETAIL_OF_MANY = 80;

type Row = KubeEdgeStatus['devices'][number];
type Other = NonNullable<KubeEdgeStatus['others']>[number];

interface Trouble {
  readonly code: FaultCode;
  readonly detail: string;
}

/** Each Device object, and what is wrong beside them. */
export function devicesStatus(facts: StandingFacts): Pick<KubeEdgeStatus, 'devices' | 'others'> {
  const { entries, stands } = facts;
  const unwritten = unwrittenOf(facts.twins);
  const byId = new Map(stands.map((stand) => [stand.id, stand]));
  const devices = entries
    .slice(0, MOST_DEVICES)
    .map((entry) => rowOf(entry, byId.get(entry.id), unwritten.get(entry.device?.name ?? ''), facts));
  const others = othersOf(facts, unwritten);
  return { devices, ...(others.length > 0 ? { others } : {}) };
}

function rowOf(entry: KubeEntry, stand: Stand | undefined, unwritten: Trouble | undefined, facts: StandingFacts): Row {
  const { id, device, object } = entry;
  const notes = [...[facts.unpushed.get(id) ?? []].flat(), ...entry.notes];
  const at = facts.toldAt(id);
  const trouble = troubleOf(entry, facts.refusals) ?? unwritten;
  const most = facts.entries.length > MANY_DEVICES ? MOST_DETAIL_OF_MANY : MOST_DETAIL;
  return {
    id,
    state: stand?.state ?? 'unknown',
    ...(device ? { device: device.name } : {}),
    ...(at === undefined ? {} : { toldAt: at }),
    ...(trouble ? { code: trouble.code, detail: trouble.detail.slice(0, most) } : {}),
    ...(facts.contested.includes(object.protocol) ? { contested: true as const } : {}),
    ...(notes.length > 0 ? { note: notes.join('; ').slice(0, most) } : {}),
  };
}

function troubleOf(entry: KubeEntry, refusals: StandingFacts['refusals']): Trouble | undefined {
  const { id, problems } = entry;
  if (problems.length > 0) return { code: 'kube-object', detail: problems.join('; ') };
  const refusal = refusals.get(id);
  if (refusal) return refused(refusal);
  const meaningless = wantsOf([entry]).problems.get(id);
  return meaningless === undefined ? undefined : { code: 'value-unfit', detail: meaningless };
}

/** By device, a wanted value that it does not hold, and why; also one that waits for a reason. */
function unwrittenOf(points: TwinStand['points']): ReadonlyMap<string, Trouble> {
  const found = new Map<string, Trouble>();
  for (const [point, { state, code, detail }] of Object.entries(points)) {
    if (state === 'held' || code === undefined) continue;
    found.set(point.slice(0, point.indexOf('/')), { code, detail: `${point}${detail ? `: ${detail}` : ''}` });
  }
  return found;
}

/** The worst of each comes last, and stays. */
function othersOf(facts: StandingFacts, unwritten: ReadonlyMap<string, Trouble>): Other[] {
  const { entries, refusals, meaningless, idOfOwn } = facts;
  const listed = new Set(entries.map(({ id }) => id));
  const names = new Set(entries.map(({ device }) => device?.name));
  const troubles = new Map<string, Trouble>();
  for (const [device, trouble] of unwritten) if (!names.has(device)) troubles.set(idOfOwn(device), trouble);
  for (const [id, detail] of meaningless) troubles.set(id, { code: 'value-unfit', detail });
  // Devices of other mappers are refused too; that is theirs.
  const ours = new Set(['', ...facts.stands.map(({ id }) => id)]);
  for (const [id, refusal] of refusals) if (ours.has(id) && !listed.has(id)) troubles.set(id, refused(refusal));
  return [...troubles].slice(0, MOST_OTHERS).map(([id, { code, detail }]) => {
    return { id: id.slice(0, MOST_ID), code, detail: detail.slice(0, MOST_DETAIL) };
  });
}

function refused({ code, reason }: Refusal): Trouble {
  return { code: 'kube-refused', detail: `${code} ${reason}` };
}

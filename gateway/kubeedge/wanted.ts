import { hashOf } from '../../cloud-sync/protocol/document.ts';
import type { TwinDocument, TwinWanted } from '../../cloud-sync/protocol/twins.ts';
import type { UnixMs, Value } from '../../core/reading.ts';
import { pointId } from '../../core/reading.ts';
import type { KubeEntry } from './kube-plant.ts';
import { wantedValue } from './twin-text.ts';

/** Of a text that is wanted, characters. */
export const MOST_TEXT = 1000;
/** So many points are remembered that nobody wants anything of now. */
const MOST_RESTING = 1000;

export interface Want {
  /** `device/point` */
  readonly point: string;
  readonly value: Value;
  readonly by: string;
}

/** What Device objects want of their points. `problems`, by object: desired values that mean nothing. */
export function wantsOf(entries: readonly KubeEntry[]): {
  readonly wants: readonly Want[];
  readonly problems: ReadonlyMap<string, string>;
} {
  const wants: Want[] = [];
  const problems = new Map<string, string>();
  for (const { device, points, object, id } of entries) {
    for (const { name, desired } of object.properties) {
      const spec = device?.points.find((point) => point.name === points.get(name));
      // A device that is left out has its own problem; of a value that cannot be written it says more than any value.
      if (desired === undefined || device === undefined || spec === undefined) continue;
      const value = wantedValue(desired, spec.kind);
      if (typeof value === 'string' && value.length > MOST_TEXT)
        problems.set(id, `${name}: desired has ${value.length} characters, more than ${MOST_TEXT}`);
      else if (value === undefined) problems.set(id, `${name}: desired \`${desired.slice(0, 60)}\` is no ${spec.kind}`);
      else wants.push({ point: pointId(device.name, spec.name), value, by: `kubeedge: ${id}`.slice(0, 100) });
    }
  }
  return { wants, problems };
}

/**
 * The newest version that an order was made of. Where the document is lost the next one begins after it: of an older version the outcome
 * would be found that an order of another value had. No clock is asked, as a gateway may not have one.
 */
export function newestOrder(ids: Iterable<string>, prefix: string): number {
  let newest = 0;
  for (const id of ids) {
    const [first, version] = id.split('-', 2);
    if (first === prefix && /^\d{1,15}$/.test(version ?? '')) newest = Math.max(newest, Number(version));
  }
  return newest;
}

interface Held {
  readonly version: number;
  readonly text: string;
}

/**
 * The document of twins for these; undefined if nothing is new. What is wanted as before keeps its version and is not written again, also
 * where it was not wanted for a while: a device that comes back with its old desired value must not undo what an operator did since.
 */
export function wantedDocument(
  held: Held,
  wants: readonly Want[],
  now: UnixMs,
): { version: number; hash: string; text: string } | undefined {
  const before = (JSON.parse(held.text) as TwinDocument).points;
  const version = held.version + 1;
  const points: TwinDocument['points'] = {};
  for (const { point, value, by } of wants) {
    const known = before[point];
    points[point] = known?.value === value ? awake(known) : { version, value, enforce: false, by, at: now };
  }
  const left = Object.entries(before).filter(([point]) => points[point] === undefined);
  const newest = left.sort(([, one], [, other]) => other.version - one.version).slice(0, MOST_RESTING);
  for (const [point, known] of newest) points[point] = known.rests ? known : { ...known, rests: true };
  const isSame =
    Object.keys(before).length === Object.keys(points).length &&
    Object.entries(points).every(([point, wanted]) => before[point] === wanted);
  if (isSame) return undefined;
  const text = JSON.stringify({ points } satisfies TwinDocument);
  return { version, hash: hashOf(text), text };
}

function awake(known: TwinWanted): TwinWanted {
  if (!known.rests) return known;
  const { rests: _, ...wanted } = known;
  return wanted;
}

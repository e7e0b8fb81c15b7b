import type { Hello } from '../protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../protocol/numbers.ts';
import type { CursorState } from './archive.ts';

type Told = Hello['epochs'][number];
type BootMark = Told['boots'][number];

/**
 * Where the journal that a gateway tells of and the one the hub knows parted; undefined if one continues the other. They
 * parted where a boot new to the hub began below what was stored or heard of, or where a boot both know began elsewhere: then
 * numbers were used twice. A journal being written (`isNewest`) that is shorter than what the hub has, or ends differently,
 * parted within a boot that both know: from its start, since nothing tells where.
 */
export function partingOf(stored: CursorState, told: Told, isNewest: boolean): Seq | undefined {
  const end = Math.max(stored.next, stored.told ?? 0);
  let agreed = 0;
  for (const mark of told.boots) {
    const at = strangeAt(stored, mark, end);
    if (at !== undefined) return at === 'before' ? agreed : at;
    agreed = mark[1];
  }
  if (told.next === stored.next && told.chain !== stored.chain) return agreed;
  return isNewest && told.next < end ? agreed : undefined;
}

/** Where a boot that is not the hub's begins to use numbers again; `before`: its history was another one already. */
function strangeAt(
  { boots, next: cursor, chain: reached }: CursorState,
  [boot, next, chain]: BootMark,
  end: Seq,
): Seq | 'before' | undefined {
  const mark = boots.find((each) => each[0] === boot);
  // Before the first boot the hub remembers.
  if (mark === undefined && boot < (boots[0]?.[0] ?? Number.POSITIVE_INFINITY)) return undefined;
  const [, begin, hash] = mark ?? [boot, next, undefined];
  if (begin === next && hash === chain) return undefined;
  const isOther = hash !== undefined && begin === next;
  if (isOther || (next === cursor && chain !== reached)) return next <= end ? 'before' : undefined;
  const at = Math.min(begin, next);
  return at < end ? at : undefined;
}

/** Of all journals that a hello names, those that have parted, and where. */
export function findPartings(hello: Hello, cursors: readonly CursorState[]): ReadonlyMap<Epoch, Seq> {
  const newest = hello.epochs.at(-1);
  const partings = new Map<Epoch, Seq>();
  for (const told of hello.epochs) {
    const stored = cursors.find(({ epoch }) => epoch === told.epoch);
    const at = stored && partingOf(stored, told, told === newest);
    if (at !== undefined) partings.set(told.epoch, at);
  }
  return partings;
}

/**
 * May this hello come from the hardware that wrote the journals it parted from? A gateway that does not know its hardware
 * may be any.
 */
export function mayBeSameHardware(hello: Hello, cursors: readonly CursorState[], parted: Iterable<Epoch>): boolean {
  return [...parted].every((epoch) => {
    const before = cursors.find((cursor) => cursor.epoch === epoch)?.hardware;
    return before === undefined || hello.hardware === undefined || before === hello.hardware;
  });
}

/** What tells the process that says a hello from another one with the same name. */
export function processOf(hello: Hello): string {
  if (hello.instance !== undefined) return hello.instance;
  const newest = hello.epochs.at(-1);
  return [newest?.epoch, hello.boot, ...(newest?.boots.at(-1) ?? [])].join('/');
}

const MAX_BOOTS = 1000;

/** The boots to keep with a cursor: those told, newest last. */
export function mergeBoots(stored: CursorState['boots'], told: readonly (readonly [number, Seq, Chain])[]) {
  const all = new Map([...stored, ...told].map((mark) => [mark[0], mark]));
  return [...all.values()].sort((one, other) => one[0] - other[0]).slice(-MAX_BOOTS);
}

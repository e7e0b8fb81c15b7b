import type { FaultCode } from '../../core/faults.ts';
import type { Ack, Gap, Hello, Refuse, Welcome } from '../protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../protocol/numbers.ts';
import type { EpochState } from './outbox.ts';
import { SendWindow } from './send-window.ts';

/** What is to be done next. */
export type Step =
  | { readonly step: 'none' }
  /** The hub has everything below. */
  | { readonly step: 'confirm'; readonly epoch: Epoch; readonly next: Seq }
  /** From `at` on the hub has another history of this journal: what is here from there on belongs into a new one. */
  | { readonly step: 'part'; readonly epoch: Epoch; readonly at: Seq; readonly cursor: Seq }
  /** Frames go again from another place. */
  | { readonly step: 'rewind'; readonly code: FaultCode }
  /** Begin a new session on this connection, at once or after a while. */
  | { readonly step: 'hello'; readonly code: FaultCode; readonly afterMs: number }
  | { readonly step: 'reconnect'; readonly code: FaultCode; readonly detail: string };

export interface EdgeSessionOptions {
  readonly hello: Hello;
  readonly welcome: Welcome;
  /** Of hello and welcome. */
  readonly roundTripMs: number;
  /** Most bytes under way, by our own settings. */
  readonly windowBytes: number;
}

interface Lane {
  readonly epoch: Epoch;
  readonly told: EpochState;
  readonly cursor: Seq;
  readonly chain: Chain;
  /** Where the hub says that histories parted. */
  readonly parted: Seq | undefined;
  /** `ended`: all there is of it, and more, the hub has from somebody else; nothing of it is sent. */
  state: 'unchecked' | 'agreed' | 'parted' | 'ended';
  /** Sent up to here. */
  sent: Seq;
  /** The furthest it ever was sent to. */
  top: Seq;
  acked: Seq;
}

interface UnderWay {
  readonly lane: Lane;
  readonly end: Seq;
  readonly bytes: number;
}

const NONE: Step = { step: 'none' };
const MOST_REWINDS = 3;
const ARCHIVE_WAIT_MS = 5000;
/** Silence that ends the connection, besides four round trips. */
const SILENCE_MS = 10_000;

/**
 * The gateway's end of one welcomed session, without I/O and time: frames go from the hub's cursor on, epochs oldest first,
 * and back to where the hub says. Nothing is confirmed until our own chain at the hub's cursor agrees.
 */
export class EdgeSession {
  readonly id: number;
  readonly gaps: readonly Gap[];
  readonly window: SendWindow;
  readonly #roundTripMs: number;
  readonly #lanes: Lane[];
  #at = 0;
  #round = 0;
  #generation = 0;
  #underWay: UnderWay[] = [];
  #rewinds = { epoch: '', next: -1, times: 0 };
  #lastProgress = 0;

  constructor({ hello, welcome, roundTripMs, windowBytes }: EdgeSessionOptions) {
    this.id = welcome.session;
    this.gaps = hello.gaps;
    this.#roundTripMs = roundTripMs;
    const limit = Math.max(1, Math.min(windowBytes, welcome.limits.windowBytes));
    this.window = new SendWindow({ limit, roundTripMs });
    this.#lanes = hello.epochs.flatMap((told) => {
      const found = welcome.epochs.find(({ epoch }) => epoch === told.epoch);
      if (found === undefined) return [];
      const { epoch, cursor, chain, parted } = found;
      const at = { sent: cursor, top: cursor, acked: cursor };
      return [{ epoch, told, cursor, chain, parted, state: 'unchecked' as const, ...at }];
    });
  }

  get round(): number {
    return this.#round;
  }

  /** Changes with each rewind: what was being read is no longer wanted. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether an epoch's history and the hub's are one is for the caller to find out, by the chain at the hub's cursor. */
  unchecked(): readonly { readonly epoch: Epoch; readonly cursor: Seq }[] {
    return this.#lanes.filter(({ state }) => state === 'unchecked');
  }

  /**
   * `own` is our chain at the hub's cursor; undefined if the journal no longer knows. `lost`: what is declared by now, since looking
   * for the chain may have found that it is damaged.
   */
  checked(epoch: Epoch, own: Chain | undefined, lost: readonly Gap[] = this.gaps): Step {
    const lane = this.#lane(epoch);
    if (lane === undefined) return NONE;
    const { cursor, chain, told } = lane;
    const unknown = own === undefined && isGone(lane, lost);
    const isOurs = cursor <= told.next && own === chain;
    const at =
      isOurs && cursor > (lane.parted ?? cursor) ? undefined : this.#partingOf(lane, !unknown && own !== chain);
    if (at !== undefined) {
      lane.state = 'parted';
      return { step: 'part', epoch, at, cursor };
    }
    lane.state = isOurs || (unknown && cursor <= told.next) ? 'agreed' : this.#stateOfForeign(lane);
    // Another life of it has gone on at the hub, from where this one ends: all of this one is there.
    if (lane.state === 'ended') return { step: 'confirm', epoch, next: told.next };
    if (lane.state !== 'agreed') return NONE;
    // A hub restored from a backup has less than it had: what it lacks counts as unconfirmed again.
    return isOurs || cursor < told.confirmed ? { step: 'confirm', epoch, next: cursor } : NONE;
  }

  /** A journal that is no longer written and is all below the hub's cursor has nothing that could be sent. */
  #stateOfForeign({ epoch, cursor, told }: Lane): 'parted' | 'ended' {
    return cursor > told.next && this.#lanes.at(-1)?.epoch !== epoch ? 'ended' : 'parted';
  }

  /** Where to part; undefined if there is no need, or nothing says where. A cursor between two of our frames is of another history too. */
  #partingOf({ epoch, cursor, told, parted }: Lane, isForeign: boolean): Seq | undefined {
    const isShorter = cursor > told.next;
    const differs = !isShorter && isForeign;
    // Two lives of one boot: the hub cannot see it, and nothing tells where in the boot they parted.
    const within = told.boots.findLast(([, next]) => next <= Math.min(cursor, told.next))?.[1];
    const isWritten = this.#lanes.at(-1)?.epoch === epoch;
    if (parted === undefined) return differs || (isShorter && isWritten) ? within : undefined;
    return differs && cursor <= parted ? Math.min(parted, within ?? parted) : parted;
  }

  /** Epochs whose history at the hub is another: nothing of them is sent or confirmed. */
  parted(): readonly Epoch[] {
    return this.#lanes.filter(({ state }) => state === 'parted').map(({ epoch }) => epoch);
  }

  /** Does the hub still lack records that are gone here? It declares them lost when it takes what follows. */
  get lacksFloor(): boolean {
    return this.#lanes.some(({ state, acked, told }) => state === 'agreed' && acked < told.floor);
  }

  /** Where to read on; undefined when every epoch has been sent to what was its end. */
  place(): { readonly epoch: Epoch; readonly from: Seq } | undefined {
    const lane = this.#lanes[this.#at];
    if (lane === undefined) return undefined;
    if (lane.state === 'agreed') return { epoch: lane.epoch, from: lane.sent };
    this.#at++;
    return this.place();
  }

  /** The journal has no more of this epoch for now. */
  drained(epoch: Epoch): void {
    if (this.#lanes[this.#at]?.epoch === epoch) this.#at++;
  }

  /** Something new was journalled, always in the newest epoch. */
  grown(): void {
    this.#at = Math.min(this.#at, this.#lanes.length - 1);
  }

  sent(epoch: Epoch, end: Seq, bytes: number, ticks: number): void {
    const lane = this.#lane(epoch);
    if (lane === undefined) return;
    lane.sent = end;
    lane.top = Math.max(lane.top, end);
    if (this.#underWay.length === 0) this.#lastProgress = ticks;
    this.#underWay.push({ lane, end, bytes });
    this.window.sent(bytes, ticks);
  }

  acknowledged({ session, epoch, next }: Ack, ticks: number): Step {
    const lane = this.#lane(epoch);
    if (session !== this.id || lane === undefined || lane.state !== 'agreed') return NONE;
    if (next > lane.top) return reconnect('out-of-sequence', `the hub has ${next} and was sent ${lane.top}`);
    this.#lastProgress = ticks;
    let bytes = 0;
    this.#underWay = this.#underWay.filter((each) => {
      const done = each.lane === lane && each.end <= next;
      if (done) bytes += each.bytes;
      return !done;
    });
    if (bytes > 0) this.window.acknowledged(bytes, ticks);
    if (next <= lane.acked) return NONE;
    lane.acked = next;
    return { step: 'confirm', epoch, next };
  }

  refused({ session, round, code, epoch, next, detail }: Refuse): Step {
    if (session !== this.id && session !== 0) return NONE;
    if (code === 'no-session') return { step: 'hello', code, afterMs: 0 };
    if (code === 'identity-held') return reconnect(code, detail ?? '');
    if (code === 'archive-write') return { step: 'hello', code, afterMs: ARCHIVE_WAIT_MS };
    if (session !== this.id || round !== this.#round) return NONE;
    return this.#rewind(code, epoch, next);
  }

  /** `flowing`: bytes still leave the socket. Has the hub been silent for too long? */
  isSilent(ticks: number, flowing: boolean): boolean {
    if (flowing || this.#underWay.length === 0) this.#lastProgress = ticks;
    return ticks - this.#lastProgress > SILENCE_MS + 4 * this.#roundTripMs;
  }

  #rewind(code: FaultCode, epoch: Epoch | undefined, next: Seq | undefined): Step {
    const lane =
      (epoch && this.#lane(epoch)) || this.#lanes.find(({ state, acked, sent }) => state === 'agreed' && acked < sent);
    if (lane === undefined || lane.state !== 'agreed') return reconnect(code, 'nothing to send again');
    const to = next ?? lane.acked;
    if (to > lane.top) return reconnect(code, `the hub expects ${to} and was sent ${lane.top}`);
    const again = this.#rewinds.epoch === lane.epoch && this.#rewinds.next === to;
    this.#rewinds = { epoch: lane.epoch, next: to, times: again ? this.#rewinds.times + 1 : 1 };
    if (this.#rewinds.times >= MOST_REWINDS) return reconnect(code, `sent back to ${to} ${MOST_REWINDS} times`);
    this.#round++;
    this.#generation++;
    this.#underWay = [];
    this.window.clear();
    this.#at = this.#lanes.indexOf(lane);
    lane.sent = to;
    for (const later of this.#lanes.slice(this.#at + 1)) later.sent = later.acked;
    return { step: 'rewind', code };
  }

  #lane(epoch: Epoch): Lane | undefined {
    return this.#lanes.find((lane) => lane.epoch === epoch);
  }
}

function reconnect(code: FaultCode, detail: string): Step {
  return { step: 'reconnect', code, detail };
}

/** Below the floor, or in what is declared lost, nothing is left to compare: the hub will note the gap. */
function isGone({ epoch, cursor, told }: Lane, lost: readonly Gap[]): boolean {
  return cursor < told.floor || lost.some((gap) => gap.epoch === epoch && gap.from <= cursor && cursor < gap.to);
}

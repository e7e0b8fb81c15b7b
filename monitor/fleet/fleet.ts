import type { DecodedFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { KubeEdgeStatus } from '../../cloud-sync/protocol/kubeedge-status.ts';
import type { Hello, Status } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch, GatewayId, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { UnixMs } from '../../core/reading.ts';

export type LinkState = 'online' | 'late' | 'offline';
export type ChannelState = NonNullable<Status['channels']>[number];

export type JournalState = NonNullable<Status['epochs']>[number];

/** What the hub knows of a gateway's link. */
export interface GatewayLink {
  readonly state: LinkState;
  /** When anything was last heard; null if never since the hub started. */
  readonly lastSeen: UnixMs | null;
  readonly version: string | null;
  /** The journal being written. */
  readonly epoch: Epoch | null;
  /** Records journalled there that the hub does not have yet, as the gateway counts them. */
  readonly backlog: number | null;
  readonly oldestUnsent: UnixMs | null;
  /** Gateway's clock minus the hub's, measured at hello. */
  readonly clockOffsetMs: number | null;
  readonly channels: readonly ChannelState[];
  /** Of a mapper of KubeEdge, as it last said; null of any other gateway. */
  readonly kubeedge: KubeEdgeStatus | null;
  /** A second gateway with this name was refused not long ago. */
  readonly cloned: boolean;
  /** Since when frames do not get on although the hub is there, by the gateway's clock; null if they do. */
  readonly stuckSince: UnixMs | null;
}

/** Silence of a connected gateway after which it is called late: two keep-alives. */
const SILENT_MS = 60_000;
/** Age of the oldest record still to be sent after which what one sees is called late. */
const BEHIND_MS = 60_000;

/** A copy that is refused tries again every minute or two. */
const CLONED_MS = 3_600_000;

interface Entry {
  online: boolean;
  lastSeen: UnixMs;
  hello?: Hello;
  helloAt?: UnixMs;
  status?: Status;
  /** When the last copy was refused. */
  clonedAt?: UnixMs;
}

/** Folds what the sync says about gateways into one state for each. */
export class Fleet {
  readonly #entries = new Map<GatewayId, Entry>();
  readonly #clock: Clock;
  readonly #changed: (gateway: GatewayId) => void;

  constructor(clock: Clock, changed: (gateway: GatewayId) => void = () => {}) {
    this.#clock = clock;
    this.#changed = changed;
  }

  gateways(): readonly GatewayId[] {
    return [...this.#entries.keys()];
  }

  onSession(gateway: GatewayId, state: 'online' | 'offline', hello?: Hello): void {
    const entry = this.#heard(gateway);
    entry.online = state === 'online';
    if (hello) Object.assign(entry, { hello, helloAt: this.#clock.now() });
    this.#changed(gateway);
  }

  onStatus(gateway: GatewayId, status: Status): void {
    const entry = this.#heard(gateway);
    // A will, and a farewell, carry no figures: the last ones stand.
    const { stuckSince: _, ...last } = entry.status ?? {};
    entry.status = { ...last, ...status };
    if (status.state === 'offline') entry.online = false;
    this.#changed(gateway);
  }

  /** A second gateway with this name was refused. */
  onCloned(gateway: GatewayId): void {
    const entry = this.#entries.get(gateway) ?? this.#heard(gateway);
    entry.clonedAt = this.#clock.now();
    this.#changed(gateway);
  }

  /** What is stored no longer waits: the gateway's own count comes with its next status. */
  onFrames(gateway: GatewayId, frames: readonly DecodedFrame[]): void {
    const entry = this.#heard(gateway);
    if (!entry.status?.backlog) return;
    const stored = frames.reduce((sum, { header }) => sum + header.count, 0);
    const backlog = Math.max(0, entry.status.backlog - stored);
    entry.status = { ...entry.status, backlog, ...(backlog === 0 ? { oldestUnsent: null } : {}) };
    if (backlog === 0) this.#changed(gateway);
  }

  /** What a gateway last said of its journals. */
  journals(gateway: GatewayId): readonly JournalState[] {
    return this.#entries.get(gateway)?.status?.epochs ?? [];
  }

  onLive(gateway: GatewayId): void {
    this.#heard(gateway);
  }

  link(gateway: GatewayId): GatewayLink {
    const entry = this.#entries.get(gateway);
    const { hello, helloAt = 0, status } = entry ?? {};
    return {
      state: entry ? linkState(entry, this.#clock.now()) : 'offline',
      lastSeen: entry?.lastSeen ?? null,
      version: status?.version ?? hello?.software ?? null,
      epoch: hello?.epochs.at(-1)?.epoch ?? null,
      backlog: status?.backlog ?? null,
      oldestUnsent: status?.oldestUnsent ?? null,
      clockOffsetMs: hello ? Math.round(hello.clock.now - helloAt) : null,
      channels: status?.channels ?? [],
      kubeedge: status?.kubeedge ?? null,
      cloned: entry?.clonedAt !== undefined && this.#clock.now() - entry.clonedAt < CLONED_MS,
      stuckSince: status?.stuckSince ?? null,
    };
  }

  #heard(gateway: GatewayId): Entry {
    const now = this.#clock.now();
    const entry = this.#entries.get(gateway) ?? { online: false, lastSeen: now };
    entry.lastSeen = now;
    this.#entries.set(gateway, entry);
    return entry;
  }
}

function linkState({ online, lastSeen, status }: Entry, now: UnixMs): LinkState {
  if (!online) return 'offline';
  const behind = status?.oldestUnsent == null ? 0 : now - status.oldestUnsent;
  return now - lastSeen > SILENT_MS || behind > BEHIND_MS ? 'late' : 'online';
}

/** The cursor of the journal a gateway is writing. */
export function cursorOf(
  cursors: readonly { readonly epoch: Epoch; readonly next: Seq }[],
  epoch: Epoch | null,
): Seq | null {
  return (cursors.find((cursor) => cursor.epoch === epoch) ?? cursors.at(-1))?.next ?? null;
}

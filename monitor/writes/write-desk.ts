import { randomBytes } from 'node:crypto';
import type { WantedText } from '../../cloud-sync/cloud-hub/downlink-store.ts';
import type { WriteStore } from '../../cloud-sync/cloud-hub/write-store.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import {
  type TwinDocument,
  type TwinStand,
  type TwinWanted,
  twinDocumentSchema,
} from '../../cloud-sync/protocol/twins.ts';
import { type WriteCommand, type WriteOutcome, writeId } from '../../cloud-sync/protocol/writes.ts';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Value } from '../../core/reading.ts';
import { whyNotWrite } from '../../core/write-limits.ts';
import type { KnownPoint } from '../points.ts';
import { aged, type CommandState, type StoredCommand, toCommand } from './command.ts';
import type { CommandFilter, CommandStore, NumberedCommand } from './command-store.ts';
import { changeTwins, type StoredTwins, type TwinStore } from './twin-store.ts';

export interface WriteDeskDeps {
  readonly commands: CommandStore;
  readonly twins: TwinStore;
  /** A gateway's command or twin is further. */
  readonly changed: (gateway: GatewayId) => void;
  readonly clock: Clock;
}

/** A value for one point, as somebody asked for it. */
export interface Asking {
  readonly value: Value;
  readonly confirm?: Value | undefined;
}

export interface CommandAsking extends Asking {
  readonly point: KnownPoint;
  readonly expect?: Value | undefined;
  /** Milliseconds. */
  readonly expiresIn: number;
  readonly by: string;
  /** The gateway is there: the command counts as sent before it is, with one turn of the archive less. */
  readonly isThere: boolean;
}

export interface TwinAsking extends Asking {
  /** Left out: as it is, or not. */
  readonly enforce?: boolean | undefined;
}

export interface TwinChange {
  readonly gateway: GatewayId;
  /** What is to change, by `device/point`; null: nothing is wanted of it any more. */
  readonly points: ReadonlyMap<string, TwinAsking | null>;
  /** The version that was looked at; left out: whatever it is. */
  readonly from: number | undefined;
  readonly by: string;
}

/** What people want written, kept until the gateway has answered: commands, each done at most once, and twins, which stay. */
export class WriteDesk implements WriteStore {
  /** How commands ended since the start, as their gateways said. */
  readonly counts: Partial<Record<CommandState, number>> = {};
  readonly #deps: WriteDeskDeps;

  constructor(deps: WriteDeskDeps) {
    this.#deps = deps;
  }

  /** Stored when it resolves; where something was wanted of the point, that is this value from now on, until it has ended without a write. Throws as `checkAsked` does. */
  async command({ point, value, expect, confirm, expiresIn, by, isThere }: CommandAsking): Promise<StoredCommand> {
    const { commands, clock } = this.#deps;
    checkAsked(point, { value, confirm });
    const { gateway, entry } = point;
    const madeAt = clock.now();
    const id = writeId(randomBytes(12).toString('base64url'));
    const place = `${entry.device}/${entry.point}`;
    const command: StoredCommand = {
      ...{ id, gateway, point: place, value, expect, confirm, by, madeAt, expires: madeAt + expiresIn },
      state: isThere ? 'sent' : 'pending',
    };
    await commands.add(command, async (connection) => {
      let former: TwinWanted | undefined;
      await changeTwins(connection, gateway, madeAt, ({ document }, version) => {
        const wanted = document.points[place];
        former = wanted;
        if (wanted === undefined) return undefined;
        const next: TwinWanted = { ...wanted, version, value, command: id, by: by.slice(0, 100), at: madeAt };
        return { points: { ...document.points, [place]: confirm === undefined ? next : { ...next, confirm } } };
      });
      return former;
    });
    return command;
  }

  /** Throws Fault not-found. */
  async find(id: string): Promise<StoredCommand> {
    const command = await this.#deps.commands.find(id);
    if (command === undefined) throw new Fault('not-found', `command ${id}`);
    return aged(command, this.#deps.clock.now());
  }

  async list(filter: CommandFilter, limit: number, before?: number): Promise<readonly NumberedCommand[]> {
    const now = this.#deps.clock.now();
    return (await this.#deps.commands.list(filter, now, limit, before)).map((command) => ({
      ...command,
      ...aged(command, now),
    }));
  }

  /** `find` a point by `device/point`. Throws Fault document-changed, and as `checkAsked` does. */
  async changeTwin(
    { gateway, points, from, by }: TwinChange,
    find: (place: string) => KnownPoint,
  ): Promise<StoredTwins> {
    const at = this.#deps.clock.now();
    for (const [place, asked] of points) if (asked) checkAsked(find(place), asked);
    return this.#deps.twins.change(gateway, at, ({ document, version: now }, version) => {
      if (from !== undefined && from !== now) throw new Fault('document-changed', `version ${now} is there`);
      const next = new Map(Object.entries(document.points));
      for (const [place, asked] of points) {
        if (asked === null) next.delete(place);
        else next.set(place, wantedOf(asked, next.get(place), { version, by: by.slice(0, 100), at }));
      }
      return { points: Object.fromEntries(next) };
    });
  }

  /** What is wanted of a gateway's points, and how far it says it is. */
  async twins(gateway: GatewayId): Promise<{ readonly wanted: StoredTwins; readonly stand: TwinStand | undefined }> {
    const { twins } = this.#deps;
    return { wanted: await twins.wanted(gateway), stand: await twins.stand(gateway) };
  }

  /** Commands that wait for their gateway or its answer. */
  waiting(): Promise<number> {
    return this.#deps.commands.waiting(this.#deps.clock.now());
  }

  // For the sync.

  async sending(gateway: GatewayId, process: string): Promise<readonly WriteCommand[]> {
    const { commands, clock } = this.#deps;
    return (await commands.sending(gateway, process, clock.now())).map((command) => toCommand(command, process));
  }

  async wrote(gateway: GatewayId, id: string, outcome: WriteOutcome): Promise<void> {
    const { commands, clock, changed } = this.#deps;
    const ended = await commands.answered(gateway, id, outcome, clock.now());
    if (ended === undefined) return;
    this.counts[ended.state] = (this.counts[ended.state] ?? 0) + 1;
    changed(gateway);
  }

  async wantedTwins(gateway: GatewayId): Promise<WantedText | undefined> {
    const wanted = await this.#deps.twins.wanted(gateway);
    return wanted.version === 0 ? undefined : wanted;
  }

  async holdsTwins(gateway: GatewayId, held: TwinStand['held']): Promise<boolean> {
    const { twins, clock } = this.#deps;
    const wanted = await twins.wanted(gateway);
    // A hub restored from a backup may have used the number again: what people wanted last gets one that nobody has.
    if (held.version > 0 && held.version === wanted.version && held.hash !== wanted.hash)
      await twins.change(gateway, clock.now(), ({ document }, version) => renumbered(document, version));
    return held.version > wanted.version;
  }

  /** A gateway has a newer one than a restored hub: that wins. */
  async receivedTwins(gateway: GatewayId, { version, text }: WantedText): Promise<void> {
    const { twins, clock, changed } = this.#deps;
    const document = twinDocumentSchema.safeParse(JSON.parse(text)).data;
    if (document === undefined || version <= (await twins.wanted(gateway)).version) return;
    await twins.put(gateway, version, document, clock.now());
    changed(gateway);
  }

  async twinsStand(gateway: GatewayId, stand: TwinStand): Promise<void> {
    const { twins, clock, changed } = this.#deps;
    await twins.setStand(gateway, stand, clock.now());
    changed(gateway);
  }
}

/** As far as the hub can say; the gateway checks again with all that it knows. Throws Fault not-writable, value-unfit, write-confirm. */
function checkAsked({ id, entry }: KnownPoint, { value, confirm }: Asking): void {
  if (entry.retired || !entry.writable) throw new Fault('not-writable', id);
  const reason = whyNotWrite({ ...entry, name: entry.point }, value);
  if (reason !== undefined) throw new Fault('value-unfit', reason);
  if (entry.dangerous && confirm !== value) throw new Fault('write-confirm', id);
}

/** The same value again is the same wish: only a new one is written. */
function wantedOf(
  { value, confirm, enforce }: TwinAsking,
  before: TwinWanted | undefined,
  { version, by, at }: { readonly version: number; readonly by: string; readonly at: number },
): TwinWanted {
  const enforced = enforce ?? before?.enforce ?? false;
  if (before && before.value === value) return { ...before, enforce: enforced };
  return { version, value, enforce: enforced, by, at, ...(confirm === undefined ? {} : { confirm }) };
}

function renumbered({ points }: TwinDocument, version: number): TwinDocument {
  return { points: Object.fromEntries(Object.entries(points).map(([id, wanted]) => [id, { ...wanted, version }])) };
}

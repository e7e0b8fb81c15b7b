import type { RefusedClient } from '../cloud-sync/cloud-hub/hub-events.ts';
import type { DecodedFrame } from '../cloud-sync/protocol/decode-frame.ts';
import type { FrameHeader, ReadingColumn } from '../cloud-sync/protocol/frame.ts';
import type { Hello, Live, Status } from '../cloud-sync/protocol/messages.ts';
import type { GatewayId } from '../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../core/clock.ts';
import { type FaultCode, findFaultByWire } from '../core/faults.ts';
import type { UnixMs, Value } from '../core/reading.ts';
import type { Desk } from './alarms/desk.ts';
import { EarlyAlarms } from './alarms/early-alarms.ts';
import { toValue } from './archive/history.ts';
import type { Series } from './archive/registry.ts';
import type { RefusedClients } from './audit/refused-clients.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Latest, LatestTable } from './latest.ts';
import type { LiveFeed } from './live-feed.ts';
import { type Points, pointIdOf } from './points.ts';

export interface ObserverParts {
  readonly points: Points;
  readonly latest: LatestTable;
  readonly fleet: Fleet;
  readonly desk: Desk;
  readonly feed: LiveFeed;
  readonly clock: Clock;
  readonly refused: RefusedClients;
}

/** Turns what the sync has stored or heard into what screens show. */
export class HubObserver {
  readonly #parts: ObserverParts;
  readonly #early: EarlyAlarms;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
    const { clock, points, desk } = parts;
    this.#early = new EarlyAlarms({
      clock,
      isKnown: (gateway, catalogue) => points.knows(gateway, catalogue),
      tell: (gateway, alarms, offsetMs) => desk.onLive(gateway, alarms, offsetMs),
    });
  }

  onSession(gateway: GatewayId, state: 'online' | 'offline', hello?: Hello): void {
    this.#parts.fleet.onSession(gateway, state, hello);
  }

  onCloned(gateway: GatewayId): void {
    this.#parts.fleet.onCloned(gateway);
  }

  onRefused(refused: RefusedClient): void {
    this.#parts.refused.onRefused(refused);
  }

  onStatus(gateway: GatewayId, status: Status): void {
    this.#parts.fleet.onStatus(gateway, status);
  }

  /** After the commit. */
  onFrames(gateway: GatewayId, frames: readonly DecodedFrame[]): void {
    this.#parts.fleet.onFrames(gateway, frames);
    this.#early.stored(gateway);
    this.#parts.desk.onFrames(gateway, frames);
    for (const frame of frames) {
      if (frame.kind === 'events') {
        const isNew = frame.events.some(({ event }) => event === 'catalogue');
        if (isNew || frame.events.some(({ event }) => event === 'config')) this.#parts.feed.gateway(gateway, isNew);
        continue;
      }
      let first = frame.header.first;
      for (const column of frame.columns) {
        this.#onColumn(gateway, frame.header, column, first);
        first += column.times.length;
      }
    }
  }

  onLive(gateway: GatewayId, live: Live): void {
    this.#parts.fleet.onLive(gateway);
    const { clockOffsetMs } = this.#parts.fleet.link(gateway);
    this.#early.take(gateway, live.catalogue, live.alarms ?? [], clockOffsetMs ?? 0);
    for (const [number, at, value, fault] of live.values) {
      const series = this.#parts.points.findLive(gateway, live.catalogue, number);
      if (series) this.#offer(series, { at, value, ...(value === null ? { fault: fault ?? 'fault-unknown' } : {}) });
    }
  }

  #onColumn(gateway: GatewayId, header: FrameHeader, column: ReadingColumn, first: number): void {
    const series = this.#parts.points.findSeries(gateway, header.epoch, column.point);
    const count = column.times.length;
    if (!series || count === 0) return;
    const last = count - 1;
    const at = column.times[last] ?? 0;
    const taken = this.#offer(series, {
      at,
      ...outcomeAt(column, last, series.kind),
      place: { epoch: header.epoch, seq: first + last },
    });
    if (taken && count === 1) return;
    this.#parts.feed.filled({ point: pointIdOf(series), from: column.times[0] ?? at, to: at });
  }

  #offer(series: Series, reading: Latest): boolean {
    const { latest, feed, clock } = this.#parts;
    const point = pointIdOf(series);
    if (!latest.offer(point, reading, clock.now())) return false;
    feed.reading(toLiveReading(point, reading));
    return true;
  }
}

function toLiveReading(point: string, { at, value, fault }: Latest) {
  return fault === undefined
    ? ({ point, at, value, quality: 'good' } as const)
    : ({ point, at, value: null, quality: 'bad', fault } as const);
}

function outcomeAt(
  { values, faults }: ReadingColumn,
  index: number,
  kind: Series['kind'],
): { readonly at?: UnixMs; readonly value: Value | null; readonly fault?: FaultCode } {
  const wire = faults?.[index] ?? 0;
  if (wire !== 0) return { value: null, fault: findFaultByWire(wire) ?? 'fault-unknown' };
  if (values.kind === 'text') return { value: values.texts[index] ?? '' };
  const raw = values.kind === 'number' ? values.numbers[index] : values.bits[index];
  return { value: toValue(kind, raw ?? null, null) };
}

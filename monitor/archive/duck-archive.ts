import { randomBytes } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Archive, ArchiveBatch, CursorState, Told } from '../../cloud-sync/cloud-hub/archive.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import { Fault } from '../../core/faults.ts';
import { checkOrder } from './batch-order.ts';
import { correctStamps, STAMP } from './clock-correction.ts';
import { type Database, insert } from './database.ts';
import { storeGaps } from './gaps.ts';
import { loadRegistry } from './load.ts';
import { storeQuarantine } from './quarantine.ts';
import { ReadingsWriter } from './readings-writer.ts';
import { type EpochRow, type Registry, Stage } from './registry.ts';
import { storeStage } from './store-stage.ts';
import { storeTold } from './told.ts';

const EVENT = {
  epoch: 'INTEGER',
  seq: 'BIGINT',
  at_ms: 'BIGINT',
  event: 'VARCHAR',
  body: 'VARCHAR',
  flags: 'UTINYINT',
  arrived_ms: 'BIGINT',
};

/** What was written and where the hub stands, in one database and one transaction. */
export class DuckArchive implements Archive {
  readonly #database: Database;
  #registry: Registry;
  /** After a failure it is unknown what is stored: asked again before anything is answered or added. */
  #isStale = false;
  /** Hellos to be written in the next transaction. */
  #telling: Telling | undefined;
  #writer: { readonly generation: number; readonly readings: ReadingsWriter } | undefined;

  private constructor(database: Database, registry: Registry) {
    this.#database = database;
    this.#registry = registry;
  }

  static async create(database: Database): Promise<DuckArchive> {
    return new DuckArchive(database, await loadRegistry(database));
  }

  get registry(): Registry {
    return this.#registry;
  }

  async identity(): Promise<{ readonly hub: string; readonly generation: string }> {
    const [row] = await this.#database.read('SELECT id, generation FROM hub');
    if (row) return { hub: String(row.id), generation: String(row.generation) };
    const made = { hub: randomBytes(16).toString('hex'), generation: randomBytes(16).toString('hex') };
    await this.#database.write((connection) =>
      connection.run('INSERT INTO hub VALUES (?, ?)', [made.hub, made.generation]),
    );
    return made;
  }

  async cursors(gateway: GatewayId): Promise<readonly CursorState[]> {
    await this.#refresh();
    return this.#registry.epochsOf(gateway).map((row) => ({ ...row.cursor, numbers: new Set(row.numbers.keys()) }));
  }

  /** Throws Fault archive-write, catalogue-missing, out-of-sequence. */
  append(batches: readonly ArchiveBatch[]): Promise<void> {
    return this.#change((connection) => this.#stage(connection, batches));
  }

  /** Hellos that come while one is being written go together: after a restart of the hub all gateways say theirs. */
  tell(told: Told): Promise<void> {
    const telling = this.#telling ?? this.#beginTelling();
    telling.all.push(told);
    return telling.done;
  }

  #beginTelling(): Telling {
    const all: Told[] = [];
    const isOver = () => {
      if (this.#telling?.all === all) this.#telling = undefined;
    };
    const done = this.#change((connection) => {
      isOver();
      return storeTold(connection, new Stage(this.#registry), all);
    }).finally(isOver);
    this.#telling = { all, done };
    return this.#telling;
  }

  /** A transaction and what it means for what is known by heart. */
  async #change(work: (connection: DuckDBConnection) => Promise<Stage>): Promise<void> {
    try {
      await this.#refresh();
      this.#registry.merge(await this.#database.write(work));
    } catch (cause) {
      this.#isStale = true;
      if (cause instanceof Fault) throw cause;
      throw new Fault('archive-write', cause instanceof Error ? cause.message : undefined, { cause });
    }
  }

  async #refresh(): Promise<void> {
    if (!this.#isStale) return;
    this.#registry = await loadRegistry(this.#database);
    this.#isStale = false;
  }

  async #stage(connection: DuckDBConnection, batches: readonly ArchiveBatch[]): Promise<Stage> {
    const stage = new Stage(this.#registry);
    const readings = await this.#readings(connection);
    try {
      await this.#store(connection, batches, { stage, readings, events: [] });
    } catch (error) {
      readings.discard();
      throw error;
    }
    return stage;
  }

  async #store(connection: DuckDBConnection, batches: readonly ArchiveBatch[], targets: Targets): Promise<void> {
    const { stage, readings, events } = targets;
    const epochs: number[] = [];
    for (const batch of batches) {
      const row = stage.epoch(batch.gateway, batch.epoch);
      // A batch reported as failed may be stored all the same, and come again.
      checkOrder(batch, stage.cursorOf(row).next);
      if (batch.catalogue) stage.adopt(row, batch.catalogue);
      storeFrames(batch, row, targets);
      stage.count(row, batch);
      stage.cursors.push({ row, cursor: { ...stage.cursorOf(row), ...batch.cursor } });
      epochs.push(row.id);
    }
    readings.flush();
    await insert(connection, 'events', EVENT, events);
    await correctStamps(connection, batches, epochs);
    for (const batch of batches) await storeGaps(connection, batch);
    await storeQuarantine(connection, batches);
    await storeStage(connection, stage, batches[0]?.arrivedAt ?? 0);
  }

  async #readings(connection: DuckDBConnection): Promise<ReadingsWriter> {
    const { generation } = this.#database;
    if (this.#writer?.generation !== generation) {
      if (this.#writer) this.#database.letGo(this.#writer.readings);
      const readings = await ReadingsWriter.create(connection);
      this.#database.hold(readings);
      this.#writer = { generation, readings };
    }
    return this.#writer.readings;
  }
}

interface Telling {
  readonly all: Told[];
  readonly done: Promise<void>;
}

type EventRow = { [key in keyof typeof EVENT]: string | number };

interface Targets {
  readonly stage: Stage;
  readonly readings: ReadingsWriter;
  readonly events: EventRow[];
}

/** Frames in their order, so that a catalogue serves the readings after it in the same batch. */
function storeFrames(batch: ArchiveBatch, row: EpochRow, { stage, readings, events }: Targets): void {
  for (const frame of batch.frames) {
    const { header } = frame;
    if (frame.kind === 'readings') {
      let first = header.first;
      for (const column of frame.columns) {
        const series = stage.find(row, column.point);
        if (!series) throw new Fault('catalogue-missing', `${batch.gateway} point number ${column.point}`);
        readings.add(series.id, column, first, { epoch: row.id, header, arrivedMs: batch.arrivedAt });
        first += column.times.length;
      }
      continue;
    }
    frame.events.forEach((event, index) => {
      if (event.event === 'catalogue') stage.adopt(row, event.catalogue);
      events.push({
        epoch: row.id,
        seq: header.first + index,
        at_ms: event.at,
        event: event.event,
        // A catalogue has a table of its own; its row here only holds the record's number.
        body: JSON.stringify(event.event === 'catalogue' ? { version: event.catalogue.version } : event),
        flags: header.clockUncertain ? STAMP.uncertain : STAMP.certain,
        arrived_ms: batch.arrivedAt,
      });
    });
  }
}

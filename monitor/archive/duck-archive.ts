import { randomBytes } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Archive, ArchiveBatch, CursorState } from '../../cloud-sync/cloud-hub/archive.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import { Fault } from '../../core/faults.ts';
import { checkOrder } from './batch-order.ts';
import { correctStamps, STAMP } from './clock-correction.ts';
import { type Database, insert, unnest } from './database.ts';
import { storeGaps } from './gaps.ts';
import { loadRegistry } from './load.ts';
import { storeQuarantine } from './quarantine.ts';
import { ReadingsWriter } from './readings-writer.ts';
import { type EpochRow, type Registry, Stage } from './registry.ts';

const CURSOR = { id: 'INTEGER', next: 'BIGINT', chain: 'VARCHAR', catalogue: 'INTEGER', boots: 'VARCHAR' };
const UPDATE_CURSORS = `UPDATE epochs SET next = v.next, chain = v.chain, catalogue = v.catalogue, boots = v.boots
  FROM (${unnest(CURSOR)}) v WHERE epochs.id = v.id`;

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
  async append(batches: readonly ArchiveBatch[]): Promise<void> {
    try {
      await this.#refresh();
      const stage = await this.#database.write((connection) => this.#stage(connection, batches));
      this.#registry.merge(stage);
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
      checkOrder(batch, stage.next(row));
      if (batch.catalogue) stage.adopt(row, batch.catalogue);
      storeFrames(batch, row, targets);
      stage.cursors.push({ row, cursor: batch.cursor });
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
      this.#writer = { generation, readings: await ReadingsWriter.create(connection) };
    }
    return this.#writer.readings;
  }
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

async function storeStage(connection: DuckDBConnection, stage: Stage, arrivedMs: number): Promise<void> {
  await insert(
    connection,
    'epochs',
    { id: 'INTEGER', gateway: 'VARCHAR', epoch: 'VARCHAR', first_ms: 'BIGINT' },
    stage.newEpochs.map(({ id, gateway, cursor }) => ({ id, gateway, epoch: cursor.epoch, first_ms: arrivedMs })),
  );
  await insert(
    connection,
    'series',
    { id: 'INTEGER', gateway: 'VARCHAR', device: 'VARCHAR', point: 'VARCHAR', kind: 'VARCHAR', unit: 'VARCHAR' },
    stage.newSeries.map((series) => ({ ...series })),
  );
  for (const { row, number } of stage.newNumbers.filter((entry) => entry.row.numbers.has(entry.number))) {
    await connection.run('DELETE FROM numbers WHERE epoch = ? AND number = ?', [row.id, number]);
  }
  await insert(
    connection,
    'numbers',
    { epoch: 'INTEGER', number: 'UINTEGER', series: 'INTEGER' },
    stage.newNumbers.map(({ row, number, series }) => ({ epoch: row.id, number, series: series.id })),
  );
  for (const { gateway, epoch, catalogue } of stage.catalogues) {
    await connection.run('DELETE FROM catalogues WHERE gateway = ?', [gateway]);
    const body = JSON.stringify(catalogue);
    await connection.run('INSERT INTO catalogues VALUES (?, ?, ?, ?, ?)', [
      gateway,
      epoch,
      catalogue.version,
      body,
      arrivedMs,
    ]);
  }
  const cursors = stage.cursors.map(({ row, cursor }) => ({
    id: row.id,
    next: cursor.next,
    chain: cursor.chain,
    catalogue: cursor.catalogue,
    boots: JSON.stringify(cursor.boots),
  }));
  await connection.run(UPDATE_CURSORS, [JSON.stringify(lastPerId(cursors))]);
}

/** An UPDATE takes an arbitrary one of several rows for one id; the last batch of a journal is the one that counts. */
function lastPerId<T extends { readonly id: number }>(rows: readonly T[]): T[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

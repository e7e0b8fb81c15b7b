import { z } from 'zod';
import { catalogueSchema } from '../../cloud-sync/protocol/catalogue.ts';
import type { Database, Row } from './database.ts';
import { Registry, type Series, type SeriesId } from './registry.ts';

const bootsSchema = z.array(z.tuple([z.number(), z.number(), z.string()]));

/** Reads the registry back from the database. */
export async function loadRegistry(database: Database): Promise<Registry> {
  const registry = new Registry();
  const byId = new Map<SeriesId, Series>();
  for (const row of await database.read('SELECT * FROM series ORDER BY id')) {
    const series = toSeries(row);
    byId.set(series.id, series);
    registry.addSeries(series);
  }
  const epochs = new Map<number, Map<number, Series>>();
  for (const row of await database.read('SELECT * FROM epochs ORDER BY id')) {
    const numbers = new Map<number, Series>();
    epochs.set(Number(row.id), numbers);
    registry.addEpoch({
      id: Number(row.id),
      gateway: String(row.gateway),
      cursor: {
        epoch: String(row.epoch),
        next: Number(row.next),
        chain: String(row.chain),
        catalogue: Number(row.catalogue),
        boots: bootsSchema.parse(JSON.parse(String(row.boots))),
        told: Number(row.told),
        closed: row.closed === true,
        ...(row.hardware === null ? {} : { hardware: String(row.hardware) }),
      },
      numbers,
    });
  }
  for (const row of await database.read('SELECT * FROM numbers')) {
    const series = byId.get(Number(row.series));
    if (series) epochs.get(Number(row.epoch))?.set(Number(row.number), series);
  }
  for (const row of await database.read('SELECT gateway, epoch, body FROM catalogues')) {
    const catalogue = catalogueSchema.parse(JSON.parse(String(row.body)));
    registry.catalogues.set(String(row.gateway), { gateway: String(row.gateway), epoch: Number(row.epoch), catalogue });
  }
  return registry;
}

function toSeries(row: Row): Series {
  return {
    id: Number(row.id),
    gateway: String(row.gateway),
    device: String(row.device),
    point: String(row.point),
    kind: row.kind as Series['kind'],
    unit: String(row.unit),
  };
}

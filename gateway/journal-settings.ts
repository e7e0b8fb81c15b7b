import { z } from 'zod';
import { duration, size } from '../core/units.ts';
import type { JournalSettings } from './journal/journal.ts';

const MIB = 1024 * 1024;

/** `journal:` of gateway.yaml. Durations become milliseconds, sizes bytes. */
export const journalSchema = z
  .strictObject({
    commitInterval: duration({ least: 20, most: 60_000 }).prefault('1s'),
    commitBytes: size({ least: 1024, most: 4 * MIB }).prefault('64KiB'),
    maxBytes: size({ least: 16 * MIB }).prefault('2GiB'),
    maxAge: duration({ least: 3_600_000 }).prefault('30d'),
    keepConfirmed: duration().prefault('24h'),
    minFree: size().prefault('200MiB'),
  })
  .prefault({});

/** What `journal:` comes to when it is left out. */
export function defaultJournalSettings(): JournalSettings {
  return journalSchema.parse(undefined);
}

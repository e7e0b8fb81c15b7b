import { z } from 'zod';
import { duration, size } from '../core/units.ts';
import type { JournalSettings } from './journal/journal.ts';

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;

/** `journal:` of gateway.yaml. Durations become milliseconds, sizes bytes. */
export const journalSchema = z
  .strictObject({
    commitInterval: duration({ least: 20, most: 60_000 }).default(1000),
    commitBytes: size({ least: 1024, most: 4 * MIB }).default(64 * 1024),
    maxBytes: size({ least: 16 * MIB }).default(2048 * MIB),
    maxAge: duration({ least: 3_600_000 }).default(30 * DAY_MS),
    keepConfirmed: duration().default(DAY_MS),
    minFree: size().default(200 * MIB),
  })
  .prefault({});

/** What `journal:` comes to when it is left out. */
export function defaultJournalSettings(): JournalSettings {
  return journalSchema.parse(undefined);
}

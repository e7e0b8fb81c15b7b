import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isoTime } from '../core/clock.ts';
import { formatSize } from '../core/units.ts';
import { ARCHIVE, growing, type Manifest } from '../monitor/backup.ts';
import { archiveFile } from '../monitor/parts.ts';
import { askHub, needArchive } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import { textOption } from './options.ts';
import { growthBar } from './progress.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'backup',
  summary: "a copy of the hub's data",
  usage: `Usage: sluice backup [-o FOLDER] [--data DIR]

  -o, --output FOLDER   a new folder (default: sluice-backup-DATE-TIME here)
      --data DIR        the hub's dataDir (default ${DEFAULT_HUB_DATA})

Works beside a running hub, which serves its gateways meanwhile. The folder holds the archive, the CA with its key, the
secrets of receivers that were given in the page, and a manifest with checksums: keep it as safe as the hub itself.

Example: sluice backup -o /backups/hub-2026-11-21`,
  options: { output: { type: 'string', short: 'o' }, data: { type: 'string' } },
  async run(args, io) {
    const dataDir = hubData(args);
    needArchive(dataDir);
    const folder = resolve(textOption(args.values, 'output') ?? `sluice-backup-${compact(isoTime(io.clock.now()))}`);
    const stop = growthBar(await sizeOf(archiveFile(dataDir)), () => sizeOf(join(growing(folder), ARCHIVE)), io.clock);
    const manifest = await askHub<Manifest>(dataDir, 'backup', { folder }).finally(stop);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    io.out(args.values.json ? JSON.stringify({ folder, ...manifest }) : `${folder}: ${formatSize(bytes)}`);
    return 0;
  },
};

function compact(time: string): string {
  return time.slice(0, 16).replace(/[-:]/g, '').replace('T', '-');
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

import { isoTime } from '../core/clock.ts';
import { askControl } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import { restore } from '../monitor/restore.ts';
import { socketOf } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'restore',
  summary: "put a backup in the place of the hub's data",
  usage: `Usage: sluice restore FOLDER [--data DIR] [--replace]

  FOLDER           made by \`sluice backup\`
      --data DIR   the hub's dataDir (default ${DEFAULT_HUB_DATA}); the hub must be stopped
      --replace    an archive that is there may give way; it is kept beside

Gateways then send again what they have kept since the backup (journal.keepConfirmed, 24h by default); what they
no longer have is declared lost. Open join tokens and logins are void. A gateway revoked since the backup stays out.

Example: sluice restore /backups/hub-2026-11-21 --data ${DEFAULT_HUB_DATA} --replace`,
  options: { data: { type: 'string' }, replace: { type: 'boolean' } },
  async run(args, io) {
    const [folder] = args.positionals;
    if (folder === undefined) throw new Fault('usage', 'sluice restore wants the folder of a backup');
    const dataDir = hubData(args);
    if ((await askControl(socketOf(dataDir), 'ping')) !== undefined) {
      throw new Fault('already-running', `${dataDir}: stop the hub first`);
    }
    const { manifest, kept } = await restore({
      ...{ folder, dataDir, replace: args.values.replace === true, clock: io.clock },
    });
    if (args.values.json) io.out(JSON.stringify({ ...manifest, kept }));
    else {
      io.out(`restored: the hub as it was at ${isoTime(manifest.at)}`);
      if (kept) io.out(`kept: the archive that was there, in ${kept}`);
    }
    return 0;
  },
};

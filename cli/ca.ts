import type { CaState } from '../cloud-sync/cloud-hub/ca-desk.ts';
import { Fault } from '../core/faults.ts';
import { askHub } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'ca',
  summary: "replace the hub's certificate authority",
  usage: `Usage: sluice ca status [--data DIR]
       sluice ca rotate [--data DIR]
       sluice ca finish [--force] [--data DIR]

rotate makes the next CA: gateways that are there, and those that come, get a certificate of it and
learn to trust both. status names the gateways that have not come by yet. finish ends the trust in the
old CA and removes its key; with --force also when gateways are missing, which then need a new token.
Works beside a running hub; its page takes the new CA at the next start. Take a backup after it.

      --force        although gateways are missing
      --data DIR     the hub's dataDir (default ${DEFAULT_HUB_DATA})

Example: sluice ca rotate && sluice ca status`,
  options: { force: { type: 'boolean' }, data: { type: 'string' } },
  async run(args, io) {
    const [what, ...rest] = args.positionals;
    const isKnown = what === 'status' || what === 'rotate' || what === 'finish';
    if (!isKnown || rest.length > 0) throw new Fault('usage', 'sluice ca knows: status, rotate, finish');
    const body = what === 'finish' ? { force: args.values.force === true } : {};
    const state = await askHub<CaState>(hubData(args), `ca-${what}`, body);
    io.out(args.values.json ? JSON.stringify(state) : textOf(state));
    return 0;
  },
};

function textOf({ fingerprint, next, waiting }: CaState): string {
  if (next === undefined) return `CA ${fingerprint}`;
  const left = waiting.length === 0 ? 'every gateway knows it: sluice ca finish' : `not yet: ${waiting.join(', ')}`;
  return `CA ${fingerprint}\nnext ${next}\n${left}`;
}

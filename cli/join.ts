import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { joinHub } from '../cloud-sync/edge-hub/join.ts';
import { Fault } from '../core/faults.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'join',
  summary: 'enrol this gateway at a hub',
  usage: `Usage: sluice join --hub URL --token T --id ID [--data DIR] [--config FILE]

      --hub URL     the hub's page, such as https://hub.example.com:8080
      --token T     from \`sluice token create\`; good for one use
      --id ID       this gateway's id
      --data DIR    the gateway's dataDir (default /var/lib/sluice)
      --config FILE writes a gateway.yaml whose lines and devices the hub's page sets up; one that is there stays

Makes a key that never leaves this machine, and fetches a certificate for it. The token carries the fingerprint of the
hub's CA, so nobody can pose as the hub.

Example: sluice join --hub https://hub.example.com:8080 --token "$TOKEN" --id seoul-plant-1`,
  options: {
    hub: { type: 'string' },
    token: { type: 'string' },
    id: { type: 'string' },
    data: { type: 'string' },
    config: { type: 'string' },
  },
  async run(args, io) {
    const [hub, token, id] = [
      textOption(args.values, 'hub'),
      textOption(args.values, 'token'),
      textOption(args.values, 'id'),
    ];
    if (!hub || !token || !id) throw new Fault('usage', 'sluice join wants --hub, --token and --id');
    const dataDir = textOption(args.values, 'data') ?? '/var/lib/sluice';
    const { url } = await joinHub({ hub, token, id, dataDir });
    const config = textOption(args.values, 'config');
    const written = config !== undefined && (await writeConfig(config, { id, url, dataDir: resolve(dataDir) }));
    io.out(`enrolled ${id}. ${written ? `Written: ${config}` : `In gateway.yaml: hub: { url: ${url} }`}`);
    return 0;
  },
};

interface Facts {
  readonly id: string;
  readonly url: string;
  readonly dataDir: string;
}

/** All else has its default. False if there is one: it is somebody's. */
async function writeConfig(file: string, { id, url, dataDir }: Facts): Promise<boolean> {
  const settings = { gateway: id, dataDir, hub: { url }, managed: 'hub', channels: [], devices: [] };
  try {
    await writeFile(file, `# Lines and devices are set up in the hub's page.\n${stringify(settings)}`, { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new Fault('file-unwritable', file, { cause });
  }
}

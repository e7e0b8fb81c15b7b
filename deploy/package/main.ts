import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { version } from '../../core/package-root.ts';
import type { Arch } from './arch.ts';
import { assemble, run } from './assemble.ts';

const USAGE = `Usage: npm run package -- [--arch arm64|amd64] [--with-node] [--gateway-only] [-o FILE | --folder FOLDER]

Makes a tarball that installs without a network: the built package with all it needs at run time (deploy/install.sh is in it).

  --arch A         the machine it is for (default: arm64)
  --with-node      Node itself too, for a machine that has none or an old one
  --gateway-only   without what only a hub needs
  -o FILE          default: sluice-${version}-linux-ARCH.tar.gz; FILE.sha256 is written beside it
  --folder FOLDER  a folder instead of a tarball (what the container is made of)`;

try {
  process.exitCode = main();
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}

function main(): number {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', default: 'arm64' },
      'with-node': { type: 'boolean', default: false },
      'gateway-only': { type: 'boolean', default: false },
      output: { type: 'string', short: 'o' },
      folder: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { arch, folder } = values;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (!isArch(arch) || (folder !== undefined && existsSync(folder))) {
    console.error(isArch(arch) ? `${folder} is there already` : USAGE);
    return 2;
  }
  const steps = 4 + Number(values['with-node']) + Number(folder === undefined);
  let step = 0;
  const tell = (line: string) => {
    step += 1;
    console.error(`[${step}/${steps}] ${line}`);
  };
  const how = { arch, gatewayOnly: values['gateway-only'], withNode: values['with-node'], tell };
  if (folder !== undefined) {
    assemble({ ...how, folder: resolve(folder) });
    tell(`${folder} is whole`);
    return 0;
  }
  const work = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  try {
    const name = `sluice-${version}`;
    assemble({ ...how, folder: join(work, name) });
    tell('one file');
    const file = resolve(values.output ?? `${name}-linux-${arch}.tar.gz`);
    // The same bytes for the same content, whoever makes it and when.
    const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=2026-11-01 00:00Z'];
    run(work, 'tar', ...same, '--use-compress-program=gzip -n', '-cf', `${file}.part`, name);
    renameSync(`${file}.part`, file);
    const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
    writeFileSync(`${file}.sha256`, `${sum}  ${basename(file)}\n`);
    tell(`${file}, ${(statSync(file).size / 1e6).toFixed(0)} MB, SHA-256 ${sum}`);
    return 0;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function isArch(text: string): text is Arch {
  return text === 'arm64' || text === 'amd64';
}

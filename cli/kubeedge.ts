import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Fault } from '../core/faults.ts';
import { nearest } from '../core/suggest.ts';
import type { DeviceSpec } from '../devices/plant-types.ts';
import { profileDevice } from '../devices/profile-device.ts';
import { ProfileLibrary } from '../devices/profile-library.ts';
import { type ExportChoices, exportObjects, modelName } from '../gateway/kubeedge/export.ts';
import { DEFAULT_GATEWAY_DATA } from './gateway-access.ts';
import { showKubeEdge } from './kubeedge-status.ts';
import { textOption, wholeOption } from './options.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'kubeedge',
  summary: 'objects for kubectl, and how the mapper stands',
  usage: `Usage: sluice kubeedge export PROFILE... [options]
       sluice kubeedge export --all --out DIR [options]
       sluice kubeedge status [--data DIR] [--json]

  export   Device and DeviceModel objects of profiles, for kubectl
  status   what the running gateway says of EdgeCore and of each Device object; exit code 1 if EdgeCore or the node's
           broker is not there

      --node NAME        the edge node (default: edge-1)
      --name NAME        of the Device object (default: the profile's with -1 behind it); each device needs its own
      --namespace NAME   of the objects (default: default)
      --port PORT        the line: /dev/ttyUSB0 or tcp://10.0.0.20:502 (default: one of these to be replaced)
      --unit N           the device's address on it (default: 1)
      --all              every profile that comes with Sluice
      --out DIR          a file for each profile, instead of stdout
      --data DIR         status: the gateway's dataDir (default ${DEFAULT_GATEWAY_DATA})
      --json             status: machine form
      --dir DIR          a folder of your own profiles, beside those that come with Sluice

Example: sluice kubeedge export eastron/sdm630 --node edge-1 --unit 7 --name meter-7`,
  options: {
    name: { type: 'string' },
    node: { type: 'string' },
    namespace: { type: 'string' },
    port: { type: 'string' },
    unit: { type: 'string' },
    all: { type: 'boolean' },
    out: { type: 'string' },
    dir: { type: 'string' },
    data: { type: 'string' },
  },

  async run({ values, positionals }, io) {
    const [what, ...given] = positionals;
    if (what === 'status')
      return showKubeEdge(textOption(values, 'data') ?? DEFAULT_GATEWAY_DATA, values.json === true, io);
    if (what !== 'export') throw new Fault('usage', 'sluice kubeedge knows: export, status');
    const library = await ProfileLibrary.open(textOption(values, 'dir'));
    const names = values.all === true ? library.names : given;
    if (names.length === 0) throw new Fault('usage', 'name a profile: `kubeedge export eastron/sdm630`, or --all');
    if (names.length > 1 && values.name !== undefined)
      throw new Fault('usage', '--name is of one device: export one profile with it');
    const texts = await Promise.all(names.map(async (name) => [name, await textOf(library, name, values)] as const));
    const out = textOption(values, 'out');
    if (out === undefined) for (const [, text] of texts) io.out(text.trimEnd());
    else await writeAll(out, texts, io);
    return 0;
  },
};

async function writeAll(folder: string, texts: readonly (readonly [string, string])[], io: Io): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of texts) await writeFile(join(folder, `${modelName(name)}.yaml`), text);
  } catch (cause) {
    throw new Fault('file-unwritable', (cause as Error).message, { cause });
  }
  io.out(`${texts.length} files in ${folder}`);
}

/** To be replaced by whoever exports; the host is one of those kept for documentation [RFC 5737]. */
const A_PORT = '/dev/ttyUSB0';
const A_HOST = 'tcp://192.0.2.20:502';

async function textOf(library: ProfileLibrary, profile: string, values: Arguments['values']): Promise<string> {
  const { device, serial } = await deviceOf(library, profile);
  const objects = exportObjects(device, {
    ...{ profile, serial, name: nameOf(textOption(values, 'name')) ?? `${modelName(profile)}-1` },
    namespace: textOption(values, 'namespace') ?? 'default',
    node: textOption(values, 'node') ?? 'edge-1',
    port: textOption(values, 'port') ?? (device.driver === 'modbus-tcp' ? A_HOST : A_PORT),
    unitId: wholeOption(values, 'unit', { least: 0, most: 255, preset: 1 }),
  });
  return objects.map((object) => `---\n${stringify(object, { lineWidth: 0 })}`).join('');
}

/** Of objects [RFC 1123], and no longer than a device's name here. */
const OBJECT_NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

function nameOf(name: string | undefined): string | undefined {
  if (name !== undefined && !OBJECT_NAME.test(name))
    throw new Fault('usage', `--name ${name}: expected at most 63 of a-z 0-9 - . such as meter-7`);
  return name;
}

async function deviceOf(
  library: ProfileLibrary,
  name: string,
): Promise<Pick<ExportChoices, 'serial'> & { device: DeviceSpec }> {
  const loaded = await library.find(name);
  if (loaded === undefined) {
    const near = nearest(name, library.names);
    throw new Fault('not-found', `profile ${name}${near ? `; did you mean ${near}?` : ''}`);
  }
  const device = profileDevice(loaded, () => {});
  if (device === undefined) throw new Fault('settings-invalid', `profile ${name}: see \`sluice profiles check\``);
  return { device, serial: loaded.value.serial };
}

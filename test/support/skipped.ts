import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How to get each tool on Debian, Ubuntu and Raspberry Pi OS. */
const PACKAGES: Record<string, string> = {
  socat: 'socat',
  promtool: 'prometheus',
  mosquitto_sub: 'mosquitto-clients',
  mosquitto_pub: 'mosquitto-clients',
  chromium: 'chromium',
  mosquitto: 'mosquitto',
  faketime: 'libfaketime',
  loop: 'e2fsprogs mount python3',
  tun: 'iproute2 python3',
  mbpoll: 'mbpoll',
  pymodbus: 'python3-pymodbus python3-serial-asyncio',
  libmodbus: 'libmodbus5 python3',
};

/** Vitest's global set-up: gathers the notes that `describeWith` leaves, and ends the run with a list nobody can miss. */
export function setup(): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-skipped-'));
  const file = join(dir, 'skipped');
  process.env.SLUICE_SKIPPED = file;
  return () => {
    const notes = readNotes(file);
    rmSync(dir, { recursive: true, force: true });
    if (notes.length === 0) return;
    const packages = new Set(notes.flatMap((note) => PACKAGES[note.split(':')[0] ?? ''] ?? []));
    const lines = notes.map((note) => `  - ${note}`);
    const install = packages.size === 0 ? '' : `sudo apt-get install ${[...packages].join(' ')}; `;
    console.log(
      `\n*** ${notes.length} GROUPS OF TESTS WERE SKIPPED because this machine cannot do them:\n${lines.join('\n')}\n*** To run them: ${install}disks and networks of the fault rows need root, SLUICE_EDGECORE_SOCKET a KubeEdge node\n`,
    );
  };
}

function readNotes(file: string): string[] {
  try {
    return [...new Set(readFileSync(file, 'utf8').trim().split('\n'))];
  } catch {
    return [];
  }
}

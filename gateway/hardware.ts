import { existsSync, readFileSync } from 'node:fs';

/** Where a machine says who it is: the board's serial number survives a new image, the machine id does not move with a card. */
const SOURCES = [
  { kind: 'board', path: '/proc/device-tree/serial-number' },
  { kind: 'machine', path: '/etc/machine-id' },
] as const;

const LONGEST = 100;

export interface HardwareDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exists: (path: string) => boolean;
  /** Undefined if it cannot be read. */
  readonly read: (path: string) => string | undefined;
}

const SYSTEM: HardwareDeps = {
  env: process.env,
  exists: existsSync,
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
};

/**
 * Identity of the board this runs on, never a MAC. In a container, whose machine is nobody's, only what is configured.
 * Undefined where nobody can tell.
 */
export function hardwareId(configured: string | undefined, from: HardwareDeps = SYSTEM): string | undefined {
  if (configured !== undefined) return `configured:${configured}`;
  if (isContainer(from)) return undefined;
  for (const { kind, path } of SOURCES) {
    const id = from
      .read(path)
      ?.replace(/[\0\s]+/g, '')
      .slice(0, LONGEST);
    if (id) return `${kind}:${id}`;
  }
  return undefined;
}

function isContainer({ env, exists }: HardwareDeps): boolean {
  return (
    exists('/.dockerenv') ||
    exists('/run/.containerenv') ||
    env.KUBERNETES_SERVICE_HOST !== undefined ||
    env.container !== undefined
  );
}

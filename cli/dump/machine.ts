import { constants } from 'node:fs';
import { access, readdir, readFile, readlink, statfs } from 'node:fs/promises';
import { arch, cpus, release, totalmem, uptime } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type Clock, isoTime } from '../../core/clock.ts';
import { version } from '../../core/package-root.ts';
import { formatDuration, formatSize } from '../../core/units.ts';

/** Files of the kernel; below another root in tests. */
export class Kernel {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** Undefined if it cannot be read. */
  async read(path: string): Promise<string | undefined> {
    const text = await readFile(join(this.#root, path), 'utf8').catch(() => undefined);
    return text?.replace(/\0/g, '').trim();
  }

  /** None if the folder is not there. */
  async list(path: string): Promise<string[]> {
    return (await readdir(join(this.#root, path)).catch(() => [])).sort();
  }

  /** Name of what a link leads to. */
  async target(path: string): Promise<string | undefined> {
    const to = await readlink(join(this.#root, path)).catch(() => undefined);
    return to === undefined ? undefined : basename(to);
  }
}

export async function versions(kernel: Kernel): Promise<object> {
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec((await kernel.read('etc/os-release')) ?? '')?.[1];
  return {
    sluice: version,
    node: process.version,
    kernel: release(),
    system,
    architecture: arch(),
    board: (await kernel.read('proc/device-tree/model')) ?? (await kernel.read('sys/class/dmi/id/product_name')),
    processor: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    memory: formatSize(totalmem()),
    up: formatDuration(uptime() * 1000),
  };
}

export async function clockState(clock: Clock, kernel: Kernel): Promise<object> {
  return {
    now: isoTime(clock.now()),
    timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    synchronised: clock.synchronised(),
    timesyncd: (await kernel.list('run/systemd/timesync')).join(' ') || 'not running here',
    batteryClock: (await kernel.list('sys/class/rtc')).join(' ') || 'none',
  };
}

interface Mount {
  readonly at: string;
  readonly fileSystem: string | undefined;
  readonly device: string | undefined;
  readonly options: string | undefined;
  readonly superOptions: string;
}

/** The disk that holds a folder. */
export async function diskOf(
  folder: string,
  kernel: Kernel,
): Promise<{ mount: Mount | undefined; [key: string]: unknown }> {
  const { blocks, bfree, bavail, bsize, files, ffree } = await statfs(folder);
  return {
    folder,
    ...{ size: formatSize(blocks * bsize), used: formatSize((blocks - bfree) * bsize) },
    ...{ free: formatSize(bavail * bsize), freeShare: `${blocks === 0 ? 0 : Math.round((bavail / blocks) * 100)} %` },
    filesLeft: files === 0 ? 'no limit' : ffree,
    mount: mountOf(resolve(folder), (await kernel.read('proc/self/mountinfo')) ?? ''),
  };
}

/** The mount that a path lies on: the last of the longest, as later ones hide earlier ones [proc(5), mountinfo]. */
export function mountOf(path: string, mountinfo: string): Mount | undefined {
  let found: { at: string; row: Mount } | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const fields = before.split(' ');
    const at = (fields[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    const isAround = path === at || path.startsWith(at.endsWith('/') ? at : `${at}/`);
    if (at === '' || !isAround || (found && at.length < found.at.length)) continue;
    const [fileSystem, device, ...more] = after.split(' ');
    found = { at, row: { at, fileSystem, device, options: fields[5], superOptions: more.join(' ') } };
  }
  return found?.row;
}

const BY_ID = 'dev/serial/by-id';
const TTY = 'sys/class/tty';
/** Milliseconds that a USB adapter may sit on an answer; 16 is what FTDI's start with. */
const SLOW_LATENCY_MS = 2;

/** Ports with hardware behind them, their names by maker and serial number, and what makes them slow. */
export async function serialPorts(kernel: Kernel): Promise<object> {
  const ids = await Promise.all(
    (await kernel.list(BY_ID)).map(async (name) => [await kernel.target(join(BY_ID, name)), name] as const),
  );
  const ports: object[] = [];
  for (const tty of await kernel.list(TTY)) {
    const driver = await kernel.target(join(TTY, tty, 'device/driver'));
    // Of the PC's built-in four most are not there: type 0 is unknown.
    const isEmpty = (await kernel.read(join(TTY, tty, 'type'))) === '0';
    if (driver === undefined || isEmpty) continue;
    const latencyMs = await latencyOf(kernel, tty);
    const byId = ids.filter(([target]) => target === tty).map(([, name]) => `/${BY_ID}/${name}`);
    ports.push({
      ...{ port: `/dev/${tty}`, driver, byId, latencyTimerMs: latencyMs },
      warning: latencyMs !== undefined && latencyMs > SLOW_LATENCY_MS ? slowAdapter(tty, latencyMs) : undefined,
    });
  }
  return ports.length === 0 ? { ports: 'none found' } : { ports };
}

async function latencyOf(kernel: Kernel, tty: string): Promise<number | undefined> {
  const text = await kernel.read(join('sys/bus/usb-serial/devices', tty, 'latency_timer'));
  return text === undefined ? undefined : Number(text);
}

/** Measured: with 16 ms a line at 115,200 baud carries 30 % of what it could. */
function slowAdapter(tty: string, ms: number): string {
  return (
    `${tty} holds answers back for up to ${ms} ms: a fast line (115200 baud) then carries as little as 30 % of what it could. ` +
    `Set it to 1: echo 1 > /sys/bus/usb-serial/devices/${tty}/latency_timer`
  );
}

/** Can this user open the ports that the configuration names? */
export async function portAccess(ports: readonly string[]): Promise<object[]> {
  return Promise.all(
    ports.map(async (port) => {
      const reason = await access(port, constants.R_OK | constants.W_OK).then(
        () => 'can be opened by this user',
        ({ code }: NodeJS.ErrnoException) => REASONS[code ?? ''] ?? `cannot be opened: ${code}`,
      );
      return { port, access: reason };
    }),
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there: unplugged, or another name',
  EACCES: 'this user may not open it: it belongs to a group such as dialout',
};

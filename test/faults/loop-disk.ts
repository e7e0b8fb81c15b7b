import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shell } from './shell.ts';

/**
 * EXT4_IOC_SHUTDOWN with NOLOGFLUSH: from then on nothing reaches the disk, and what was not synced is gone. A sync that is under way then
 * may still return as if it were well (seen with bare fdatasync, a millisecond after the call had returned, in 4 of 60 tries): so
 * the process is stopped first, a few microseconds before, as a machine without power would be. Nobody hears of such a sync.
 */
const SHUTDOWN = `
import fcntl, os, signal, struct, sys, time
folder = os.open(sys.argv[1], os.O_RDONLY)
os.kill(int(sys.argv[2]), signal.SIGSTOP)
print(int(time.time() * 1000))
fcntl.ioctl(folder, 0x8004587d, struct.pack("I", 2))
`;

const MIB = 1024 * 1024;

/** A disk of its own in an image file, mounted as ext4: it can lose its power, and it can be full. */
export class LoopDisk {
  readonly #home = mkdtempSync(join(tmpdir(), 'sluice-disk-'));
  /** Where it is mounted. */
  readonly folder = join(this.#home, 'disk');
  /** The loop device it is mounted from. */
  #device: string | undefined;

  /** `mib` is its size, in MiB. */
  static async make(mib: number): Promise<LoopDisk> {
    const disk = new LoopDisk();
    closeSync(openSync(disk.#image, 'w'));
    truncateSync(disk.#image, mib * MIB);
    mkdirSync(disk.folder);
    // Nothing is left to be written in the background: what is written is ours.
    await shell(
      'mkfs.ext4',
      '-q',
      '-m',
      '0',
      '-b',
      '4096',
      '-E',
      'lazy_itable_init=0,lazy_journal_init=0',
      disk.#image,
    );
    await disk.mount();
    return disk;
  }

  /**
   * Replays the file system's own journal, as a machine does when its power is back. From a new loop device each time: a network
   * namespace that is made at this moment may keep the mount before, shut down as it is, and its device would be taken again.
   */
  async mount(): Promise<void> {
    const device = (await shell('losetup', '--find', '--show', this.#image)).trim();
    this.#device = device;
    await shell('mount', device, this.folder);
  }

  /** Of this disk, and of the process that writes to it. Resolves to when that was, Unix milliseconds. */
  async cutPower(pid: number): Promise<number> {
    return Number(await shell('python3', '-c', SHUTDOWN, this.folder, String(pid)));
  }

  async unmount(): Promise<void> {
    await shell('umount', this.folder);
    await this.#detach();
  }

  /** Writes until nothing more fits, but for `leave` bytes. */
  fill(leave = 0): void {
    const file = openSync(this.#filler, 'a');
    try {
      for (let size = MIB; size >= 512; size /= 2) while (this.free - leave >= size && this.#append(file, size));
    } finally {
      closeSync(file);
    }
  }

  /** Makes room again. */
  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  async remove(): Promise<void> {
    if (this.#device !== undefined) {
      await shell('umount', '-l', this.folder);
      await this.#detach();
    }
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #detach(): Promise<void> {
    if (this.#device !== undefined) await shell('losetup', '--detach', this.#device);
    this.#device = undefined;
  }

  #append(file: number, size: number): boolean {
    try {
      return writeSync(file, Buffer.alloc(size, 0x5a)) > 0;
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOSPC') return false;
      throw error;
    }
  }

  get #image(): string {
    return join(this.#home, 'image');
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}

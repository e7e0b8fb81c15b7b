import type { OpenStore } from './store.ts';

/**
 * All of the journal's contact with the disk: databases, folders, space. A seam: a simulation puts a disk here that forgets what
 * was not synced, fills up, tears writes and flips bits. Paths are absolute; sizes are bytes.
 */
export interface Disk {
  /** A database. @throws Fault already-running, journal-missing */
  readonly open: OpenStore;
  /** Makes LevelDB rebuild a database from whatever files of it are whole. What it drops, only our own numbers tell. */
  repair(path: string): Promise<void>;
  /** Is there a file or folder of this name? */
  exists(path: string): Promise<boolean>;
  /** Names in a folder, in no order; none if there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** With all folders above it; nothing happens if it is there. */
  makeFolder(folder: string): Promise<void>;
  /** Atomic, and durable when it resolves: the folder is synced too. */
  rename(from: string, to: string): Promise<void>;
  /** A file or a whole folder; nothing happens if it is not there. */
  remove(path: string): Promise<void>;
  /** A folder with all that is in it, for work on a copy. */
  copy(from: string, to: string): Promise<void>;
  /** A small file, whole and durable when it resolves. */
  writeFile(path: string, content: string | Uint8Array): Promise<void>;
  /** A file of so many bytes that really take up space: blocks, not a hole. */
  fill(path: string, bytes: number): Promise<void>;
  /** Bytes of the files of a folder. */
  bytes(folder: string): Promise<number>;
  /** Bytes that we may still write to the disk under this folder. */
  free(folder: string): Promise<number>;
}

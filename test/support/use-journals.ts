import { afterEach, beforeEach } from 'vitest';
import { journalFolder, type OpenOptions, RunningJournal, removeFolder } from './journal-home.ts';

/** An empty folder for each test of the file that calls this; journals opened in it are closed when the test ends. */
export function useJournals() {
  let folder: string;
  const open: RunningJournal[] = [];

  beforeEach(async () => {
    folder = await journalFolder();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
    await removeFolder(folder);
  });

  return {
    get folder() {
      return folder;
    },

    async start(options: OpenOptions = {}): Promise<RunningJournal> {
      const running = await RunningJournal.open(folder, options);
      open.push(running);
      return running;
    },

    async stop(running: RunningJournal): Promise<void> {
      open.splice(open.indexOf(running), 1);
      await running.close();
    },
  };
}

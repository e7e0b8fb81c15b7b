import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ca } from '../cloud-sync/cloud-hub/ca.ts';
import { caDesk } from '../cloud-sync/cloud-hub/ca-desk.ts';
import { Enrolment } from '../cloud-sync/cloud-hub/enrolment.ts';
import { systemClock } from '../core/clock.ts';
import { askControl, streamControl } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import { quietLog } from '../core/log.ts';
import { hubControl } from '../monitor/control.ts';
import { archiveFile, type HubParts, openParts } from '../monitor/parts.ts';

/** Has the running hub do it; where none runs, does the same with the archive in its own hands. */
export async function askHub<T>(dataDir: string, verb: string, body: object): Promise<T> {
  const answer = await askControl<T>(socketOf(dataDir), verb, body);
  if (answer !== undefined) return answer;
  return withArchive(dataDir, async (handlers) => (await callHandler(handlers, verb, body)) as T);
}

/** The same for an answer that comes in parts: `use` reads it while the archive is open. */
export async function streamHub(
  dataDir: string,
  verb: string,
  body: object,
  use: (parts: AsyncIterable<string | Uint8Array>) => Promise<void>,
): Promise<void> {
  const running = await streamControl(socketOf(dataDir), verb, body);
  if (running !== undefined) return use(running);
  needArchive(dataDir);
  await withArchive(dataDir, async (handlers) => {
    await use((await callHandler(handlers, verb, body)) as AsyncIterable<string | Uint8Array>);
  });
}

/** @throws Fault file-missing where no hub has ever been: opening would make one. */
export function needArchive(dataDir: string): void {
  if (!existsSync(archiveFile(dataDir))) throw new Fault('file-missing', `${archiveFile(dataDir)}: no archive here`);
}

type Handlers = ReturnType<typeof hubControl>;

/** Of a hub that does not run: what it does at its next start, and the CA in its folder. */
async function enrolmentOf(dataDir: string, { enrolmentStore: store }: HubParts) {
  const ca = await Ca.open(dataDir, systemClock);
  return {
    createToken: (options: Parameters<Enrolment['createToken']>[0]) =>
      new Enrolment(ca, store, systemClock).createToken(options),
    revoke: async (gateway: string, serial?: string) => (await store.revoke(gateway, systemClock.now(), serial)).length,
    ca: caDesk({ ca, store, clock: systemClock }),
  };
}

async function withArchive<T>(dataDir: string, work: (handlers: Handlers) => Promise<T>): Promise<T> {
  const before = process.umask(0o077);
  const parts = await openParts({ file: archiveFile(dataDir), clock: systemClock });
  process.umask(before);
  try {
    return await work(
      hubControl({
        ...parts,
        keptFrom: () => ({}),
        enrolment: await enrolmentOf(dataDir, parts),
        dataDir,
        clock: systemClock,
        log: quietLog,
      }),
    );
  } finally {
    await parts.close();
  }
}

function callHandler(handlers: Handlers, verb: string, body: object): Promise<unknown> {
  const handler = handlers[verb];
  if (handler === undefined) throw new TypeError(`no control verb ${verb}`);
  return handler(body, new AbortController().signal);
}

export function socketOf(dataDir: string): string {
  return join(dataDir, 'control.sock');
}

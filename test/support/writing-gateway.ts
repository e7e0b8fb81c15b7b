import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import { outcomeOf, type WriteOutcome, writeOf } from '../../cloud-sync/protocol/writes.ts';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import { readConfig } from '../../gateway/meta/config-text.ts';
import { hubWrite } from '../../gateway/writes/hub-write.ts';
import { WriteBook } from '../../gateway/writes/write-book.ts';
import { WriteLock } from '../../gateway/writes/write-lock.ts';
import { WritePath } from '../../gateway/writes/write-path.ts';

/** Its name. */
const GATEWAY = 'e2e';
/** Its time, and the hub's as far as it knows. */
export const NOW = 1_800_000_000_000;

export interface WritingOptions {
  /** Its data directory. */
  readonly folder: string;
  /** `channels:` and `devices:`. */
  readonly plant: string;
  /** Before the device answers a write. */
  readonly write?: () => Promise<void>;
  /** While an order waits for its line. */
  readonly wait?: () => Promise<void>;
}

/** What all writes of a gateway go through, with a Modbus device that takes every write and holds 5 whenever it is read. */
export async function writingGateway(options: WritingOptions) {
  const { folder, plant: text, write = async () => {}, wait = async () => {} } = options;
  const plant = await plantOf(text);
  const events: JournalEvent[] = [];
  /** On the disk. */
  const durable: JournalEvent[] = [];
  const keeper = {
    reading() {},
    event(event: JournalEvent, { onNumber }: { onNumber?: (place: { epoch: string; seq: number }) => void } = {}) {
      events.push(event);
      systemClock.after(20, () => {
        durable.push(event);
        onNumber?.({ epoch: 'e', seq: durable.length });
      });
    },
  };
  const catalogue = nextCatalogue(null, plant, { site: 's', timezone: 'Etc/UTC' });
  const intake = new Intake(plant, catalogue, keeper, systemClock);
  let written = 0;
  const channel = {
    async lease(work: (line: unknown) => Promise<unknown>) {
      const exchange = async ({ send }: { send: Uint8Array }) => {
        const pdu = Buffer.from(send).subarray(7);
        if (pdu[0] !== 6) return frame(send, Buffer.from([3, 2, 0, 5]));
        written++;
        await write();
        return frame(send, pdu);
      };
      await wait();
      return work({ exchange });
    },
  };
  const book = await WriteBook.open(folder, NOW, quietLog);
  const lock = new WriteLock(folder, undefined, () => undefined);
  const polling = { channels: [{ spec: plant.channels[0], channel }] } as never;
  const clock = { now: () => NOW, ticks: () => 0, hubNow: { now: NOW, errorMs: 5 } };
  const path = new WritePath({ book, lock, intake, polling, journal: keeper, clock, log: quietLog });
  const abort = new AbortController();
  const running = path.run(abort.signal);
  const stop = () => {
    abort.abort();
    return running;
  };
  const take = async (message: object) => {
    const command = writeOf(JSON.parse(JSON.stringify(message)));
    if (command === undefined) return undefined;
    return new Promise<WriteOutcome | undefined>((resolve) =>
      hubWrite(GATEWAY, path, (result) => resolve(outcomeOf(result)))(command),
    );
  };
  return {
    ...{ path, book, events, durable, stop },
    /** How often the device was written to. */
    written: () => written,
    /** Another configuration: its lines are as before. */
    configure: async (next: string) => {
      const devices = await plantOf(next);
      intake.change(devices, nextCatalogue(catalogue, devices, { site: 's', timezone: 'Etc/UTC' }));
    },
    /** A message as it comes from the hub; undefined if it breaks its schema, and is dropped. */
    take,
  };
}

async function plantOf(text: string) {
  const read = await readConfig(text, { profilesDir: undefined, self: false });
  if (!('plant' in read)) throw new Error(JSON.stringify(read.problems));
  return read.plant;
}

function frame(request: Uint8Array, pdu: Buffer): Buffer {
  const head = Buffer.from(request.subarray(0, 7));
  head.writeUInt16BE(pdu.length + 1, 4);
  return Buffer.concat([head, pdu]);
}

import { decodeBody } from '../../cloud-sync/protocol/decode-frame.ts';
import { readHeader } from '../../cloud-sync/protocol/frame.ts';
import { isFault } from '../../core/faults.ts';
import type { Journal } from '../journal/journal.ts';
import type { ConfigState } from './config-state.ts';

type Untold = NonNullable<ConfigState['untold']>;

/** Is this outcome in the journal, from where it stood when the outcome was decided? The power may have gone before we could note that it is. */
export async function wasTold(
  journal: Pick<Journal, 'epochs' | 'wholeFrames'>,
  { outcome, epoch, next }: Untold,
): Promise<boolean> {
  const epochs = journal.epochs();
  const known = epochs.findIndex((each) => each.epoch === epoch);
  for (const [i, each] of epochs.entries()) {
    if (i < known) continue;
    const from = i === known ? Math.max(next, each.floor) : each.floor;
    for await (const { bytes } of journal.wholeFrames(each.epoch, from)) if (tells(bytes, outcome)) return true;
  }
  return false;
}

function tells(bytes: Uint8Array, { version, outcome }: Untold['outcome']): boolean {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const header = readHeader(frame);
    const decoded = header.kind === 'events' ? decodeBody(header, frame) : undefined;
    if (decoded?.kind !== 'events') return false;
    return decoded.events.some(
      (event) => event.event === 'config' && event.version === version && event.outcome === outcome,
    );
  } catch (error) {
    // Left out like a damaged frame: the hub does not have it either.
    if (isFault(error)) return false;
    throw error;
  }
}

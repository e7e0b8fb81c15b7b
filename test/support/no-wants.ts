import type { DownlinkStore } from '../../cloud-sync/cloud-hub/downlink-store.ts';
import type { WriteStore } from '../../cloud-sync/cloud-hub/write-store.ts';

/** A hub that wants nothing of its gateways. */
export const NO_WANTS: DownlinkStore = {
  wanted: async () => undefined,
  stands: async () => [],
  received: async () => {},
  answered: () => {},
};

/** A hub that writes nothing. */
export const NO_WRITES: WriteStore = {
  sending: async () => [],
  wrote: async () => {},
  wantedTwins: async () => undefined,
  holdsTwins: async () => false,
  receivedTwins: async () => {},
  twinsStand: async () => {},
};

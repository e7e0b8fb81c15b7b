import type { GatewayId } from '../protocol/numbers.ts';
import type { TwinStand } from '../protocol/twins.ts';
import type { WriteCommand, WriteOutcome } from '../protocol/writes.ts';
import type { WantedText } from './downlink-store.ts';

/** What is to be written by the gateways, kept until they have answered. `monitor/writes` implements it, in the one database. */
export interface WriteStore {
  /**
   * Commands that wait for an answer. They count as sent when this resolves: what was sent and never answered is not known. `process`: which
   * one of the gateway gets them now; what another one got before goes out as `again`.
   */
  sending(gateway: GatewayId, process: string): Promise<readonly WriteCommand[]>;
  wrote(gateway: GatewayId, id: string, outcome: WriteOutcome): Promise<void>;
  /** The document of its twins; undefined: none was ever wanted. */
  wantedTwins(gateway: GatewayId): Promise<WantedText | undefined>;
  /** Which document a gateway holds. True if the hub lacks it, and it is to be asked for. */
  holdsTwins(gateway: GatewayId, held: TwinStand['held']): Promise<boolean>;
  receivedTwins(gateway: GatewayId, document: WantedText): Promise<void>;
  twinsStand(gateway: GatewayId, stand: TwinStand): Promise<void>;
}

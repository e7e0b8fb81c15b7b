import type { ConfigStand, Result } from '../protocol/downlink.ts';
import type { GatewayId } from '../protocol/numbers.ts';

/** A text that is wanted of a gateway. */
export interface WantedText {
  readonly version: number;
  readonly text: string;
}

/** A document that a gateway is to be asked for. */
export interface Missing {
  readonly what: 'config' | 'schema';
  readonly version?: number;
}

/**
 * What the hub keeps for its gateways until they have answered. `monitor/fleet` implements it, in the one database: what is wanted outlives
 * restarts of the hub, and is sent again in every session until the gateway holds it.
 */
export interface DownlinkStore {
  /** The newest configuration wanted; undefined: none was ever. */
  wanted(gateway: GatewayId): Promise<WantedText | undefined>;
  /** How a gateway stands, by its own word. Answers with what the hub lacks of it. */
  stands(gateway: GatewayId, stand: ConfigStand): Promise<readonly Missing[]>;
  /** A document that it was asked for. */
  received(
    gateway: GatewayId,
    what: Missing['what'],
    document: { readonly version: number; readonly text: string },
  ): Promise<void>;
  /** To an order. Nothing is done about it here. */
  answered(gateway: GatewayId, result: Result): void;
}

import type { DecodedFrame } from '../protocol/decode-frame.ts';
import type { Hello, Live, Status } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';

/** Somebody who was not let in, or who asked for more than is theirs. */
export interface RefusedClient {
  /** As the certificate names it; '' if it names none that can be believed. */
  readonly gateway: GatewayId | '';
  /** IP address. */
  readonly address: string;
  readonly act: 'handshake' | 'connect' | 'publish' | 'subscribe' | 'packet';
  /** For people. */
  readonly reason: string;
}

/** What the rest of the hub hears of the sync. Listeners must not throw. */
export interface HubEvents {
  /** After the commit. */
  onFrames(gateway: GatewayId, frames: readonly DecodedFrame[]): void;
  onLive(gateway: GatewayId, live: Live): void;
  onStatus(gateway: GatewayId, status: Status): void;
  onSession(gateway: GatewayId, state: 'online' | 'offline', hello?: Hello): void;
  /** A second gateway with this name is refused: at each of its attempts. */
  onCloned(gateway: GatewayId): void;
  /** At each attempt: of a client that goes on trying this is often. */
  onRefused(refused: RefusedClient): void;
}

import type { TLSSocket } from 'node:tls';
import type { UnixMs } from '../../core/reading.ts';
import { GuardedStream } from '../protocol/guarded-stream.ts';
import type { GatewayId } from '../protocol/numbers.ts';

const MAX_CONNECT_BYTES = 4096;
/** An envelope of the largest frame, or 128 KiB of small ones, with room. */
const MAX_PACKET_BYTES = 1_258_291;

/** Who is at the other end, by the certificate that was verified. */
export interface Peer {
  readonly gateway: GatewayId;
  /** Hex, lower case. */
  readonly serial: string;
  /** Of its public key, see `keyHash`. */
  readonly key: string;
  readonly issuedAt: UnixMs;
}

/** A gateway's TLS connection, its packets bounded. */
export class GatewayStream extends GuardedStream {
  readonly peer: Peer;
  readonly address: string;

  constructor(socket: TLSSocket, peer: Peer) {
    super(socket, { first: MAX_CONNECT_BYTES, most: MAX_PACKET_BYTES });
    this.peer = peer;
    this.address = socket.remoteAddress ?? '';
  }
}

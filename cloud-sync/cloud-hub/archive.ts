import type { Catalogue } from '../protocol/catalogue.ts';
import type { DecodedFrame } from '../protocol/decode-frame.ts';
import type { Gap } from '../protocol/messages.ts';
import type { Chain, Epoch, GatewayId, Seq } from '../protocol/numbers.ts';
import type { Peer } from './gateway-stream.ts';

/** Where the hub stands with one journal. */
export interface CursorState {
  readonly epoch: Epoch;
  /** Next number expected, and the hash of all frames before it. */
  readonly next: Seq;
  readonly chain: Chain;
  /** Version of the newest catalogue stored for this epoch; 0 if none. */
  readonly catalogue: number;
  /** Boots heard of: [boot, next at start, chain at start]. */
  readonly boots: readonly (readonly [number, Seq, Chain])[];
  /** The furthest end of the journal that a hello told: what lies beyond `next` is owed. */
  readonly told?: Seq;
  /** What wrote the journal last, where the gateway knows. */
  readonly hardware?: string;
  /** The gateway no longer names it: what was owed is declared lost. */
  readonly closed?: boolean;
  /** In what `cursors` answers: point numbers that have a meaning in this epoch. Left out: any is taken. */
  readonly numbers?: ReadonlySet<number>;
}

/** What one gateway adds in one transaction. */
export interface ArchiveBatch {
  readonly gateway: GatewayId;
  readonly epoch: Epoch;
  readonly frames: readonly DecodedFrame[];
  readonly gaps: readonly Gap[];
  /** Frames that were passed over, each in a gap `quarantined`: kept for people to look at. */
  readonly quarantined?: readonly Uint8Array[];
  /** Asked for and sent beside the journal, because the hub lacked it: counts before the frames. */
  readonly catalogue?: Catalogue;
  readonly cursor: CursorState;
  /** Time of arrival at the hub. */
  readonly arrivedAt: number;
}

/** What a hello says of a gateway's journals. */
export interface Told {
  readonly gateway: GatewayId;
  /** Journals whose history continues what is stored, where they end, and their boots. */
  readonly epochs: readonly {
    readonly epoch: Epoch;
    readonly next: Seq;
    readonly boots: CursorState['boots'];
    readonly hardware?: string;
  }[];
  /** All that may still bring something: any other journal of the gateway is closed. Undefined: nobody knows. */
  readonly open: ReadonlySet<Epoch> | undefined;
  /** Losses it declares, which complete what is recorded without a reason. */
  readonly gaps: readonly Gap[];
  readonly arrivedAt: number;
}

/** What the hub's end of the sync needs of a store. `monitor/archive` implements it. */
export interface Archive {
  /** Identity of the hub; the generation changes when it is restored from a backup. */
  identity(): Promise<{ readonly hub: string; readonly generation: string }>;
  cursors(gateway: GatewayId): Promise<readonly CursorState[]>;
  /**
   * In one durable transaction: keeps how far journals were told, closes those that are no longer named with what they owe
   * declared `epoch-lost`, takes that back for those that returned, completes gaps that were recorded before their notice.
   */
  tell(told: Told): Promise<void>;
  /** Everything of all batches in one durable transaction, or nothing. An error means unknown, never "not stored". */
  append(batches: readonly ArchiveBatch[]): Promise<void>;
}

/** Join tokens and certificates. Kept in the same store, so that one backup is consistent. */
export interface EnrolmentStore {
  addToken(token: StoredToken): Promise<void>;
  /** Burns the token and records the certificate in one transaction; false if the token was gone by then. */
  enrol(hash: string, certificate: IssuedCertificate): Promise<boolean>;
  findToken(hash: string): Promise<StoredToken | undefined>;
  isEnrolled(gateway: GatewayId): Promise<boolean>;
  /**
   * Records a certificate that follows `under`, in one transaction; false if that one was revoked by then, or the new key is one that
   * was revoked.
   */
  renew(under: Peer, certificate: IssuedCertificate): Promise<boolean>;
  /** By its serial, its key, or because all that its gateway had when it was issued was revoked. */
  isRevoked(peer: Peer): Promise<boolean>;
  /** Has a certificate with this key been revoked? */
  isKeyRevoked(key: string): Promise<boolean>;
  /**
   * Revokes certificates of a gateway and their keys, for ever: all, also those that nobody here knows of; or the one with that
   * serial. Answers with the serials that were good until now.
   */
  revoke(gateway: GatewayId, at: number, serial?: string): Promise<readonly string[]>;
  certificates(gateway: GatewayId): Promise<readonly (IssuedCertificate & { readonly revokedAt: number | null })[]>;
  gateways(): Promise<readonly GatewayId[]>;
}

export interface StoredToken {
  /** SHA-256 of the secret, hex. */
  readonly hash: string;
  /** Left out: one new id, never an enrolled one. */
  readonly gateway?: GatewayId;
  readonly expires: number;
}

export interface IssuedCertificate {
  readonly gateway: GatewayId;
  /** Hex, lower case. */
  readonly serial: string;
  /** Of its public key; empty for those of earlier releases. */
  readonly key: string;
  /** Fingerprint of the CA that signed it; empty for those of earlier releases. */
  readonly issuer: string;
  readonly notAfter: number;
  readonly issuedAt: number;
}

import type {
  Archive,
  ArchiveBatch,
  CursorState,
  EnrolmentStore,
  IssuedCertificate,
  StoredToken,
  Told,
} from '../../cloud-sync/cloud-hub/archive.ts';
import type { Peer } from '../../cloud-sync/cloud-hub/gateway-stream.ts';
import { mergeBoots } from '../../cloud-sync/cloud-hub/history.ts';
import type { DecodedFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import { type Epoch, type GatewayId, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';

/** A store in memory that checks what it is given as strictly as an outside oracle would. */
export class MemoryArchive implements Archive {
  readonly #cursors = new Map<string, CursorState>();
  readonly #frames = new Map<string, DecodedFrame[]>();
  readonly gaps = new Map<string, Gap[]>();
  readonly quarantined: Uint8Array[] = [];
  readonly catalogues: number[] = [];
  transactions = 0;
  records = 0;
  /** Called before each transaction; may throw, or be slow. */
  before: (batches: readonly ArchiveBatch[]) => void | Promise<void> = () => {};
  /** Called after it was stored; may throw: then it is stored all the same. */
  after: () => void = () => {};

  /** Another after a restore. */
  generation = 'first';

  async identity() {
    return { hub: 'hub', generation: this.generation };
  }

  async cursors(gateway: GatewayId): Promise<readonly CursorState[]> {
    return [...this.#cursors].filter(([key]) => key.startsWith(`${gateway}/`)).map(([, cursor]) => cursor);
  }

  async tell({ gateway, epochs, open }: Told): Promise<void> {
    for (const { epoch, next, boots, hardware } of epochs) {
      const key = `${gateway}/${epoch}`;
      const cursor = this.#cursors.get(key) ?? { epoch, next: 0, chain: NO_CHAIN, catalogue: 0, boots: [] };
      const told = Math.max(cursor.told ?? 0, next);
      const more = hardware === undefined ? {} : { hardware };
      this.#cursors.set(key, { ...cursor, ...more, told, boots: mergeBoots(cursor.boots, boots), closed: false });
    }
    for (const [key, cursor] of this.#cursors) {
      const isOwn = key.startsWith(`${gateway}/`);
      if (isOwn && open && !open.has(cursor.epoch)) this.#cursors.set(key, { ...cursor, closed: true });
    }
  }

  async append(batches: readonly ArchiveBatch[]): Promise<void> {
    await this.before(batches);
    this.transactions++;
    for (const batch of batches) this.#append(batch);
    this.after();
  }

  #append({ gateway, epoch, frames, gaps, quarantined = [], cursor, catalogue }: ArchiveBatch): void {
    const key = `${gateway}/${epoch}`;
    if (catalogue) this.catalogues.push(catalogue.version);
    let next = this.#cursors.get(key)?.next ?? 0;
    const pieces = [
      ...frames.map(({ header }) => ({ from: header.first, to: header.first + header.count })),
      ...gaps.map(({ from, to }) => ({ from, to })),
    ].sort((one, other) => one.from - other.from);
    for (const { from, to } of pieces) {
      if (from !== next) throw new Error(`${key}: ${from} does not follow ${next}`);
      next = to;
    }
    if (next !== cursor.next) throw new Error(`${key}: the cursor says ${cursor.next}, the data ${next}`);
    this.#cursors.set(key, cursor);
    this.#frames.set(key, (this.#frames.get(key) ?? []).concat(frames));
    this.gaps.set(key, [...(this.gaps.get(key) ?? []), ...gaps]);
    this.quarantined.push(...quarantined);
    for (const { header } of frames) this.records += header.count;
  }

  /** Takes a backup; what it returns restores it, under a new generation. */
  backup(): () => void {
    const cursors = new Map(this.#cursors);
    const frames = new Map(this.#frames);
    const gaps = new Map(this.gaps);
    return () => {
      this.generation = `${this.generation}+`;
      for (const [map, saved] of [
        [this.#cursors, cursors],
        [this.#frames, frames],
        [this.gaps, gaps],
      ] as const) {
        map.clear();
        for (const [key, value] of saved) (map as Map<string, unknown>).set(key, value);
      }
    };
  }

  cursorOf(gateway: GatewayId, epoch: Epoch): CursorState | undefined {
    return this.#cursors.get(`${gateway}/${epoch}`);
  }

  next(gateway: GatewayId, epoch: Epoch): Seq {
    return this.#cursors.get(`${gateway}/${epoch}`)?.next ?? 0;
  }

  /** Every number stored, in the order of arrival, with its value where it is a reading. */
  rows(gateway: GatewayId, epoch: Epoch): { seq: Seq; value?: number }[] {
    return (this.#frames.get(`${gateway}/${epoch}`) ?? []).flatMap((frame) => {
      if (frame.kind === 'events') return frame.events.map((_, at) => ({ seq: frame.header.first + at }));
      let seq = frame.header.first;
      return frame.columns.flatMap(({ values }) =>
        values.kind === 'number' ? Array.from(values.numbers, (value) => ({ seq: seq++, value })) : [],
      );
    });
  }
}

export class MemoryEnrolment implements EnrolmentStore {
  readonly tokens = new Map<string, StoredToken>();
  readonly issued: IssuedCertificate[] = [];
  readonly revoked = new Set<string>();

  async addToken(token: StoredToken): Promise<void> {
    this.tokens.set(token.hash, token);
  }

  async enrol(hash: string, certificate: IssuedCertificate): Promise<boolean> {
    if (!this.tokens.delete(hash)) return false;
    this.issued.push(certificate);
    return true;
  }

  async findToken(hash: string): Promise<StoredToken | undefined> {
    return this.tokens.get(hash);
  }

  async isEnrolled(gateway: GatewayId): Promise<boolean> {
    return this.issued.some((certificate) => certificate.gateway === gateway);
  }

  async renew(under: Peer, certificate: IssuedCertificate): Promise<boolean> {
    if ((await this.isRevoked(under)) || (await this.isKeyRevoked(certificate.key))) return false;
    this.issued.push(certificate);
    return true;
  }

  async isRevoked({ serial, key }: Peer): Promise<boolean> {
    return this.revoked.has(serial) || this.isKeyRevoked(key);
  }

  async isKeyRevoked(key: string): Promise<boolean> {
    return this.issued.some((each) => each.key === key && this.revoked.has(each.serial));
  }

  async revoke(gateway: GatewayId, _at: number, serial?: string): Promise<readonly string[]> {
    const own = this.issued.filter((each) => each.gateway === gateway && !this.revoked.has(each.serial));
    const serials = own.map((each) => each.serial).filter((each) => serial === undefined || each === serial);
    for (const each of serials) this.revoked.add(each);
    return serials;
  }

  async certificates(gateway: GatewayId) {
    const own = this.issued.filter((each) => each.gateway === gateway);
    return own.map((each) => ({ ...each, revokedAt: this.revoked.has(each.serial) ? 0 : null }));
  }

  async gateways(): Promise<readonly GatewayId[]> {
    return [...new Set(this.issued.map(({ gateway }) => gateway))];
  }
}

import type { EnrolmentStore, IssuedCertificate, StoredToken } from '../../cloud-sync/cloud-hub/archive.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { Database } from './database.ts';

/** Revocations that outlive a restore of the database. */
export interface RevocationList {
  has(serial: string): boolean;
  add(certificates: readonly { serial: string; gateway: GatewayId; at: number }[]): Promise<void>;
}

/** Join tokens and certificates, beside the readings in one database. */
export class DuckEnrolmentStore implements EnrolmentStore {
  readonly #database: Database;
  readonly #revocations: RevocationList;

  constructor(database: Database, revocations: RevocationList) {
    this.#database = database;
    this.#revocations = revocations;
  }

  async addToken({ hash, gateway, expires }: StoredToken): Promise<void> {
    await this.#database.write((connection) =>
      connection.run('INSERT INTO tokens VALUES (?, ?, ?)', [hash, gateway ?? null, expires]),
    );
  }

  enrol(hash: string, certificate: IssuedCertificate): Promise<boolean> {
    return this.#database.write(async (connection) => {
      const burnt = await connection.runAndReadAll('DELETE FROM tokens WHERE hash = ? RETURNING hash', [hash]);
      if (burnt.getRows().length === 0) return false;
      const { serial, gateway, notAfter, issuedAt } = certificate;
      await connection.run('INSERT INTO certificates VALUES (?, ?, ?, ?, NULL)', [serial, gateway, notAfter, issuedAt]);
      return true;
    });
  }

  async findToken(hash: string): Promise<StoredToken | undefined> {
    const [row] = await this.#database.read('SELECT * FROM tokens WHERE hash = ?', [hash]);
    if (!row) return undefined;
    const gateway = row.gateway === null ? {} : { gateway: String(row.gateway) };
    return { hash, expires: Number(row.expires_ms), ...gateway };
  }

  async isEnrolled(gateway: GatewayId): Promise<boolean> {
    return (await this.#database.read('SELECT 1 FROM certificates WHERE gateway = ? LIMIT 1', [gateway])).length > 0;
  }

  async isRevoked(serial: string): Promise<boolean> {
    if (this.#revocations.has(serial)) return true;
    const sql = 'SELECT 1 FROM certificates WHERE serial = ? AND revoked_ms IS NOT NULL';
    return (await this.#database.read(sql, [serial])).length > 0;
  }

  /** All certificates of a gateway. The list that outlives a restore comes first: after a crash in between they are revoked all the same. */
  async revoke(gateway: GatewayId, at: number): Promise<readonly string[]> {
    const sql = 'SELECT serial FROM certificates WHERE gateway = ? AND revoked_ms IS NULL';
    const serials = (await this.#database.read(sql, [gateway])).map(({ serial }) => String(serial));
    await this.#revocations.add(serials.map((serial) => ({ serial, gateway, at })));
    await this.#database.write((connection) =>
      connection.run('UPDATE certificates SET revoked_ms = ? WHERE gateway = ? AND revoked_ms IS NULL', [at, gateway]),
    );
    return serials;
  }

  async gateways(): Promise<readonly GatewayId[]> {
    const rows = await this.#database.read('SELECT DISTINCT gateway FROM certificates ORDER BY gateway');
    return rows.map((row) => String(row.gateway));
  }
}

import type { DuckDBConnection } from '@duckdb/node-api';
import type { EnrolmentStore, IssuedCertificate, StoredToken } from '../../cloud-sync/cloud-hub/archive.ts';
import type { Peer } from '../../cloud-sync/cloud-hub/gateway-stream.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import { everyOneOf, type Revocations } from '../revocations.ts';
import type { Database } from './database.ts';

/** Join tokens and certificates, beside the readings in one database. */
export class DuckEnrolmentStore implements EnrolmentStore {
  readonly #database: Database;
  readonly #revocations: Revocations;

  constructor(database: Database, revocations: Revocations) {
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
      await insert(connection, certificate);
      return true;
    });
  }

  renew(under: Peer, certificate: IssuedCertificate): Promise<boolean> {
    return this.#database.write(async (connection) => {
      if (this.#revocations.has(under) || this.#revocations.hasKey(certificate.key)) return false;
      const sql = 'SELECT 1 FROM certificates WHERE revoked_ms IS NOT NULL AND (serial = ? OR key IN (?, ?))';
      const out = await connection.runAndReadAll(sql, [under.serial, under.key, certificate.key]);
      if (out.getRows().length > 0) return false;
      await insert(connection, certificate);
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

  async isRevoked(peer: Peer): Promise<boolean> {
    if (this.#revocations.has(peer)) return true;
    const sql = 'SELECT 1 FROM certificates WHERE revoked_ms IS NOT NULL AND (serial = ? OR key = ?)';
    return (await this.#database.read(sql, [peer.serial, peer.key])).length > 0;
  }

  async isKeyRevoked(key: string): Promise<boolean> {
    if (this.#revocations.hasKey(key)) return true;
    return (
      (await this.#database.read('SELECT 1 FROM certificates WHERE key = ? AND revoked_ms IS NOT NULL', [key])).length >
      0
    );
  }

  /** The list that outlives a restore comes first: after a crash in between they are revoked all the same. */
  async revoke(gateway: GatewayId, at: number, serial?: string): Promise<readonly string[]> {
    const which = 'gateway = ? AND revoked_ms IS NULL AND coalesce(serial = ?, true)';
    const sql = `SELECT serial, key FROM certificates WHERE ${which}`;
    const found = await this.#database.read(sql, [gateway, serial ?? null]);
    const lines = found.map((row) => ({
      ...{ serial: String(row.serial), gateway, at },
      ...(row.key === null ? {} : { key: String(row.key) }),
    }));
    const isAll = serial === undefined && found.length > 0;
    await this.#revocations.add(isAll ? [...lines, everyOneOf(gateway, at)] : lines);
    await this.#database.write((connection) =>
      connection.run(`UPDATE certificates SET revoked_ms = ? WHERE ${which}`, [at, gateway, serial ?? null]),
    );
    return lines.map((line) => line.serial);
  }

  async certificates(gateway: GatewayId) {
    const rows = await this.#database.read('SELECT * FROM certificates WHERE gateway = ? ORDER BY issued_ms', [
      gateway,
    ]);
    return rows.map((row) => ({
      gateway,
      serial: String(row.serial),
      key: row.key === null ? '' : String(row.key),
      issuer: row.issuer === null ? '' : String(row.issuer),
      notAfter: Number(row.not_after_ms),
      issuedAt: Number(row.issued_ms),
      revokedAt: row.revoked_ms === null ? null : Number(row.revoked_ms),
    }));
  }

  /** Of each gateway with a certificate that is not revoked: when the last one ends, Unix milliseconds. */
  async expiries(): Promise<ReadonlyMap<GatewayId, number>> {
    const sql = 'SELECT gateway, max(not_after_ms) AS ends FROM certificates WHERE revoked_ms IS NULL GROUP BY gateway';
    const rows = await this.#database.read(`${sql} ORDER BY gateway`);
    return new Map(rows.map((row) => [String(row.gateway), Number(row.ends)]));
  }

  async gateways(): Promise<readonly GatewayId[]> {
    const rows = await this.#database.read('SELECT DISTINCT gateway FROM certificates ORDER BY gateway');
    return rows.map((row) => String(row.gateway));
  }
}

async function insert(connection: DuckDBConnection, certificate: IssuedCertificate): Promise<void> {
  const { serial, gateway, notAfter, issuedAt, key, issuer } = certificate;
  const columns = '(serial, gateway, not_after_ms, issued_ms, key, issuer)';
  const sql = `INSERT INTO certificates ${columns} VALUES (?, ?, ?, ?, ?, ?)`;
  await connection.run(sql, [serial, gateway, notAfter, issuedAt, key, issuer]);
}

import type { DuckDBConnection } from '@duckdb/node-api';
import { Fault } from '../../core/faults.ts';

/**
 * Steps from an empty database to today's. Released steps are never edited, only followed by new ones.
 *
 * No table has a primary key: one writer keeps keys unique, and DuckDB updates rows without an index in place, while a key
 * on readings would cost memory for what the cursor already guarantees.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    'CREATE TABLE hub (id VARCHAR, generation VARCHAR)',
    // A journal and where the hub stands with it.
    `CREATE TABLE epochs (id INTEGER, gateway VARCHAR, epoch VARCHAR, next BIGINT, chain VARCHAR, catalogue INTEGER,
       boots VARCHAR, first_ms BIGINT)`,
    // The history of one point while kind and unit stay what they are.
    'CREATE TABLE series (id INTEGER, gateway VARCHAR, device VARCHAR, point VARCHAR, kind VARCHAR, unit VARCHAR)',
    // What a point number in the frames of an epoch stands for.
    'CREATE TABLE numbers (epoch INTEGER, number UINTEGER, series INTEGER)',
    'CREATE TABLE catalogues (gateway VARCHAR, epoch INTEGER, version INTEGER, body VARCHAR, arrived_ms BIGINT)',
    // fault: 0, or the wire number of what replaced the value. flags: 1 = stamped before the clock was set.
    `CREATE TABLE readings (series INTEGER, epoch INTEGER, seq BIGINT, at_ms BIGINT, value DOUBLE, text VARCHAR,
       fault UTINYINT, flags UTINYINT, arrived_ms BIGINT)`,
    `CREATE TABLE events (epoch INTEGER, seq BIGINT, at_ms BIGINT, event VARCHAR, body VARCHAR, flags UTINYINT,
       arrived_ms BIGINT)`,
    `CREATE TABLE gaps (gateway VARCHAR, epoch VARCHAR, from_seq BIGINT, to_seq BIGINT, reason VARCHAR, points VARCHAR,
       declared_ms BIGINT)`,
    'CREATE TABLE tokens (hash VARCHAR, gateway VARCHAR, expires_ms BIGINT)',
    'CREATE TABLE certificates (serial VARCHAR, gateway VARCHAR, not_after_ms BIGINT, issued_ms BIGINT, revoked_ms BIGINT)',
    'CREATE TABLE users (name VARCHAR, role VARCHAR, password VARCHAR, created_ms BIGINT)',
    'CREATE TABLE sessions (hash VARCHAR, name VARCHAR, created_ms BIGINT, used_ms BIGINT)',
    'CREATE TABLE api_keys (hash VARCHAR, name VARCHAR, role VARCHAR, created_ms BIGINT)',
  ],
  // Frames that nobody could decode, each in a gap `quarantined`.
  ['CREATE TABLE quarantine (gateway VARCHAR, epoch VARCHAR, frame BLOB, arrived_ms BIGINT)'],
  // How far a journal was told, what wrote it, whether it is still named; and counters that must agree with the rows.
  [
    // Built anew: DuckDB fails to commit a table that was altered and filled in one transaction.
    `CREATE TABLE journals (id INTEGER, gateway VARCHAR, epoch VARCHAR, next BIGINT, chain VARCHAR, catalogue INTEGER,
       boots VARCHAR, first_ms BIGINT, told BIGINT DEFAULT 0, hardware VARCHAR, closed BOOLEAN DEFAULT false,
       stored BIGINT DEFAULT 0, declared BIGINT DEFAULT 0, removed BIGINT DEFAULT 0)`,
    `INSERT INTO journals SELECT e.*, e.next, NULL, false, e.next - coalesce(g.n, 0), coalesce(g.n, 0),
         e.next - coalesce(g.n, 0) - coalesce(r.n, 0) - coalesce(v.n, 0)
       FROM epochs e
       LEFT JOIN (SELECT p.id, sum(least(x.to_seq, p.next) - x.from_seq) AS n FROM gaps x JOIN epochs p
           ON p.gateway = x.gateway AND p.epoch = x.epoch WHERE x.from_seq < p.next GROUP BY p.id) g ON g.id = e.id
       LEFT JOIN (SELECT epoch, count(*) AS n FROM readings GROUP BY epoch) r ON r.epoch = e.id
       LEFT JOIN (SELECT epoch, count(*) AS n FROM events GROUP BY epoch) v ON v.epoch = e.id
       ORDER BY e.id`,
    'DROP TABLE epochs',
    'ALTER TABLE journals RENAME TO epochs',
  ],
  // The alarm desk: its log, and what follows from it. told: news to people when it was raised. logged_ms: hub's clock.
  [
    `CREATE TABLE alarm_log (n BIGINT, id VARCHAR, gateway VARCHAR, device VARCHAR, rule VARCHAR, priority VARCHAR,
       what VARCHAR, at_ms BIGINT, logged_ms BIGINT, told BOOLEAN, by_whom VARCHAR, comment VARCHAR, body VARCHAR)`,
    // Each rule as it stands.
    'CREATE TABLE alarm_rules (key VARCHAR, body VARCHAR)',
    // Occurrences that will change no more.
    `CREATE TABLE alarm_history (id VARCHAR, gateway VARCHAR, device VARCHAR, rule VARCHAR, priority VARCHAR,
       raised_ms BIGINT, cleared_ms BIGINT, acked_ms BIGINT, updated_ms BIGINT, body VARCHAR)`,
    // How far the desk has read each journal.
    'CREATE TABLE alarm_cursors (journal INTEGER, next BIGINT)',
  ],
  // Readings as they came, and closed hours sorted by series; all of them in one view. See docs/decisions/0013-history.md.
  [
    'ALTER TABLE readings RENAME TO arrivals',
    `CREATE TABLE settled (series INTEGER, epoch INTEGER, seq BIGINT, at_ms BIGINT, value DOUBLE, text VARCHAR,
       fault UTINYINT, flags UTINYINT, late_min BIGINT)`,
    `CREATE VIEW readings AS
       SELECT series, epoch, seq, at_ms, value, text, fault, flags, arrived_ms FROM arrivals
       UNION ALL SELECT series, epoch, seq, at_ms, value, text, fault, flags, at_ms + late_min * 60000 FROM settled`,
    ...['minutes', 'hours', 'days'].map(
      (table) => `CREATE TABLE ${table} (series INTEGER, at_ms BIGINT, n INTEGER, bad INTEGER, total DOUBLE,
         least DOUBLE, most DOUBLE, first_value DOUBLE, last_value DOUBLE, first_ms INTEGER, last_ms INTEGER,
         last_text VARCHAR)`,
    ),
    `CREATE TABLE newest (series INTEGER, epoch INTEGER, seq BIGINT, at_ms BIGINT, value DOUBLE, text VARCHAR,
       fault UTINYINT)`,
  ],
  // Who is told what: each notice is part of one delivery, which is a message to one receiver. next_ms: when it is tried again.
  [
    `CREATE TABLE notices (key VARCHAR, n BIGINT, alarm VARCHAR, what VARCHAR, receiver VARCHAR, delivery VARCHAR,
       at_ms BIGINT, body VARCHAR)`,
    `CREATE TABLE deliveries (id VARCHAR, receiver VARCHAR, reason VARCHAR, notices INTEGER, created_ms BIGINT, place INTEGER,
       state VARCHAR, attempts INTEGER, next_ms BIGINT, done_ms BIGINT, error VARCHAR, response VARCHAR)`,
    // What planning remembers, and how far it has read the desk's log.
    'CREATE TABLE notify_state (key VARCHAR, body VARCHAR)',
  ],
  // What people make in the page: each version is a row, without a body if it was removed then.
  [
    `CREATE TABLE documents (kind VARCHAR, id VARCHAR, version INTEGER, name VARCHAR, body VARCHAR, saved_ms BIGINT,
       by_whom VARCHAR)`,
    `CREATE TABLE pictures (id VARCHAR, type VARCHAR, width DOUBLE, height DOUBLE, bytes BLOB, added_ms BIGINT,
       by_whom VARCHAR)`,
    // What was found on inspection rounds: written once.
    `CREATE TABLE round_results (id VARCHAR, round VARCHAR, version INTEGER, started_ms BIGINT, finished_ms BIGINT,
       received_ms BIGINT, by_whom VARCHAR, body VARCHAR)`,
  ],
  // Who may see what, how and from where they came in, keys that end. sites: a JSON list; NULL: everywhere.
  [
    'ALTER TABLE users ADD COLUMN sites VARCHAR',
    'ALTER TABLE users ADD COLUMN language VARCHAR',
    'ALTER TABLE users ADD COLUMN timezone VARCHAR',
    // Of a session that another provider vouched for, the role and sites are its own: there is no user.
    ...['via', 'role', 'sites', 'address', 'browser'].map((name) => `ALTER TABLE sessions ADD COLUMN ${name} VARCHAR`),
    'ALTER TABLE api_keys ADD COLUMN sites VARCHAR',
    'ALTER TABLE api_keys ADD COLUMN made_by VARCHAR',
    ...['expires_ms', 'used_ms', 'revoked_ms'].map((name) => `ALTER TABLE api_keys ADD COLUMN ${name} BIGINT`),
    // Who did what: each row holds the hash of the one before it. of_n: the row that this one tells the outcome of.
    `CREATE TABLE audit (n BIGINT, at_ms BIGINT, who VARCHAR, via VARCHAR, address VARCHAR, action VARCHAR,
       object VARCHAR, outcome VARCHAR, of_n BIGINT, code VARCHAR, detail VARCHAR, hash VARCHAR)`,
  ],
  // Reports as they were made, and what became of those that are sent by mail: one run for each schedule and period.
  [
    `CREATE TABLE reports (id VARCHAR, site VARCHAR, kind VARCHAR, language VARCHAR, from_ms BIGINT, to_ms BIGINT,
       made_ms BIGINT, by_whom VARCHAR, body VARCHAR)`,
    `CREATE TABLE report_runs (id VARCHAR, schedule VARCHAR, from_ms BIGINT, due_ms BIGINT, state VARCHAR, attempts INTEGER,
       next_ms BIGINT, done_ms BIGINT, error VARCHAR, report VARCHAR)`,
  ],
  // What was wanted of each gateway, every version; 0 is what its own file holds. And what it said of itself: schema, stand.
  [
    `CREATE TABLE configs (gateway VARCHAR, version BIGINT, hash VARCHAR, body VARCHAR, saved_ms BIGINT, by_whom VARCHAR)`,
    `CREATE TABLE gateway_facts (gateway VARCHAR, name VARCHAR, hash VARCHAR, body VARCHAR, at_ms BIGINT)`,
  ],
  // key: SHA-256 of the public key, so that a stolen one comes back under no other certificate.
  // issuer: fingerprint of the CA.
  ['ALTER TABLE certificates ADD COLUMN key VARCHAR', 'ALTER TABLE certificates ADD COLUMN issuer VARCHAR'],
  // What is to be written: commands, each with what became of it, and of each gateway the document of its twins.
  [
    `CREATE TABLE commands (n BIGINT, id VARCHAR, gateway VARCHAR, point VARCHAR, asked VARCHAR, by_whom VARCHAR,
       made_ms BIGINT, expires_ms BIGINT, state VARCHAR, ended_ms BIGINT, outcome VARCHAR)`,
    'CREATE TABLE twins (gateway VARCHAR, version BIGINT, hash VARCHAR, body VARCHAR, saved_ms BIGINT)',
  ],
  // Changes for many gateways, and how far each of these is. place: order of their turns.
  [
    `CREATE TABLE rollouts (id INTEGER, terms VARCHAR, by_whom VARCHAR, made_ms BIGINT, state VARCHAR, since_ms BIGINT,
       why VARCHAR)`,
    `CREATE TABLE rollout_members (rollout INTEGER, place INTEGER, gateway VARCHAR, ring INTEGER, state VARCHAR,
       since_ms BIGINT, body VARCHAR)`,
  ],
  // Which process of the gateway a command was sent to first; '' for those of before, of which nobody knows.
  [`ALTER TABLE commands ADD COLUMN sent_to VARCHAR DEFAULT ''`],
  // Which recipients of a message or a report are done with, told or refused: the others are tried again.
  ['ALTER TABLE deliveries ADD COLUMN settled VARCHAR', 'ALTER TABLE report_runs ADD COLUMN settled VARCHAR'],
  // Size of a picture that was handed in with a round; NULL for all others.
  ['ALTER TABLE pictures ADD COLUMN photo_bytes INTEGER'],
  [
    `UPDATE pictures SET photo_bytes = octet_length(bytes) WHERE id IN
       (SELECT unnest(regexp_extract_all(body, '"photo":"([0-9a-f]{32})"', 1)) FROM round_results)`,
  ],
];

/** Brings the database to the newest schema, each step in its own transaction. Throws Fault archive-newer. */
export async function migrate(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)');
  const rows = await connection.runAndReadAll('SELECT coalesce(max(version), 0) FROM schema_version');
  const version = Number(rows.getRows()[0]?.[0] ?? 0);
  if (version > MIGRATIONS.length) {
    throw new Fault('archive-newer', `schema ${version}, this release knows ${MIGRATIONS.length}`);
  }
  for (const [index, steps] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await connection.run('BEGIN');
    for (const step of steps) await connection.run(step);
    await connection.run('INSERT INTO schema_version VALUES (?)', [index + 1]);
    await connection.run('COMMIT');
  }
}

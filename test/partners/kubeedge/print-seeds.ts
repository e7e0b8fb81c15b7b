import { SEED_SLAVE_PORT, seedSql, seedsAt } from './seeds.ts';

/** For EdgeCore's database, while EdgeCore is stopped. docs/kubeedge.md has the whole way. */
process.stdout.write(`${seedSql(seedsAt('127.0.0.1', SEED_SLAVE_PORT))}\n`);

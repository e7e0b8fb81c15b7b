import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { reconcile } from '../../monitor/reconcile.ts';
import { useArchive } from './support/use-archive.ts';

const hub = useArchive();
const CHILD = join(packageRoot, 'test/monitor/support/settling-child.ts');
const KILLS = 6;

/** Lets it work for a while after it has begun to keep house, then kills it. */
async function killOnce(file: string, afterMs: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let isTimed = false;
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (isTimed || line === 'moved 0') return;
      isTimed = true;
      setTimeout(() => child.kill('SIGKILL'), afterMs);
    });
  });
  return lines;
}

test('killed at any instant while it appends, settles and prunes: each row once, in one place, and in the rollups once', async () => {
  const lines: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await hub.reopen(async () => void lines.push(...(await killOnce(hub.file, 150 + kill * 170))));
    expect(await reconcile({ database: hub.database, fleet: { gateways: () => [], journals: () => [] } })).toEqual([]);
    const [row] = await hub.database.read(
      `SELECT (SELECT next - 1 FROM epochs) AS stored, (SELECT removed FROM epochs) AS removed, count(*) AS n,
          count(DISTINCT seq) AS seqs, (SELECT count(*) FROM settled) AS settled, (SELECT coalesce(sum(n), 0) FROM minutes) AS minutes,
          (SELECT coalesce(sum(n), 0) FROM days) AS days FROM readings`,
    );
    const { stored, removed, n, seqs, settled, minutes, days } = row as Record<string, number>;
    expect([n, seqs]).toEqual([Number(stored) - Number(removed), n]);
    expect([minutes, days], 'rollups outlive what was removed').toEqual([Number(settled) + Number(removed), minutes]);
  }
  const told = (what: string) => lines.filter((line) => line.startsWith(what) && !line.endsWith(' 0')).length;
  expect(lines.filter((line) => line.startsWith('fault'))).toEqual([]);
  expect([told('moved') > 0, told('removed') > 0]).toEqual([true, true]);
}, 120_000);

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
/** On a slow disk it takes more work until there is something to remove. */
const MOST_KILLS = 20;

const hasTold = (lines: readonly string[], what: string) =>
  lines.some((line) => line.startsWith(what) && !line.endsWith(' 0'));

/** Lets it work until it has told so often what it did since it moved something, and a little longer; then kills it. */
async function killOnce(file: string, afterLines: number, andMs: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const began = lines.findIndex((each) => hasTold([each], 'moved'));
      if (began >= 0 && lines.length === began + afterLines) setTimeout(() => child.kill('SIGKILL'), andMs);
    });
  });
  return lines;
}

test('killed at any instant while it appends, settles and prunes: each row once, in one place, and in the rollups once', async () => {
  const lines: string[] = [];
  for (let kill = 0; kill < KILLS || (kill < MOST_KILLS && !hasTold(lines, 'removed')); kill++) {
    await hub.reopen(async () => void lines.push(...(await killOnce(hub.file, 1 + (kill % 6), (kill * 37) % 150))));
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
  expect(lines.filter((line) => line.startsWith('fault'))).toEqual([]);
  expect([hasTold(lines, 'moved'), hasTold(lines, 'removed')]).toEqual([true, true]);
}, 180_000);

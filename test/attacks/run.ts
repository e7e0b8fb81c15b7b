import { type Attempt, type Row, succeeded } from './attempt.ts';
import { World } from './world.ts';

export interface Done extends Attempt {
  readonly row: string;
}

/** Runs the rows one after the other against one world; after each the healthy gateway and the reader are looked at. */
export async function runRows(rows: readonly Row[], said: (done: Done) => void): Promise<readonly Done[]> {
  const world = await World.start();
  const all: Done[] = [];
  const tell = (row: string, attempts: readonly Attempt[]) => {
    for (const attempt of attempts) {
      const done = { row, ...attempt };
      all.push(done);
      said(done);
    }
  };
  try {
    for (const row of rows) {
      tell(
        row.name,
        await row
          .run(world)
          .catch((error: unknown) => [
            succeeded('the row itself', (error as Error).stack?.replaceAll('\n', ' ') ?? String(error)),
          ]),
      );
      tell(row.name, await aliveAfter(world));
    }
  } finally {
    await world.stop();
  }
  return all;
}

/** Nothing to tell when all is well. */
async function aliveAfter(world: World): Promise<readonly Attempt[]> {
  try {
    await world.check();
    return [];
  } catch (error) {
    return [succeeded('what the others notice of it', (error as Error).message)];
  }
}

export function tableText(all: readonly Done[]): string {
  const width = (of: (done: Done) => string) => Math.max(...all.map((done) => of(done).length));
  const [rowWidth, whatWidth] = [width(({ row }) => row), width(({ what }) => what)];
  const line = ({ row, what, outcome, detail }: Done) =>
    `${row.padEnd(rowWidth)}  ${what.padEnd(whatWidth)}  ${outcome.padEnd(9)}  ${detail.split('\n')[0]}`.trimEnd();
  return all.map(line).join('\n');
}

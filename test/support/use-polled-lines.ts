import { afterEach } from 'vitest';
import { PolledLine } from './poll-line.ts';

/** How tests of the file that calls this start a line; it is stopped when its test ends. */
export function usePolledLines() {
  const lines: PolledLine[] = [];
  afterEach(async () => {
    for (const line of lines.splice(0)) await line.stop();
  });
  return async (...given: Parameters<typeof PolledLine.start>): Promise<PolledLine> => {
    const line = await PolledLine.start(...given);
    lines.push(line);
    return line;
  };
}

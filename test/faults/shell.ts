import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A tool of the system, to its end; what it printed. Throws with what it said if it fails. */
export async function shell(program: string, ...args: string[]): Promise<string> {
  try {
    return (await execute(program, args)).stdout;
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string };
    throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`, { cause });
  }
}

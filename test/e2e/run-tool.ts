import { execFile } from 'node:child_process';

export interface ToolEnded {
  /** Null if it was stopped for being too slow. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs another program to its end, or stops it. */
export function runTool(program: string, args: readonly string[], withinMs = 15_000): Promise<ToolEnded> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: withinMs, killSignal: 'SIGKILL' }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { systemClock } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import { version } from '../core/package-root.ts';
import { nearest } from '../core/suggest.ts';
import type { Io, Verb } from './verb.ts';

/** Loaded one at a time: `sluice --help` must not wait for a database. */
const VERBS: Record<string, { readonly summary: string; readonly load: () => Promise<{ readonly verb: Verb }> }> = {
  demo: { summary: 'a simulated plant, a gateway and a hub, to look at', load: () => import('./demo.ts') },
  gateway: { summary: 'run the edge process', load: () => import('./gateway.ts') },
  hub: { summary: 'run the cloud process', load: () => import('./hub.ts') },
  check: { summary: 'every problem of a configuration', load: () => import('./check.ts') },
  token: { summary: 'make a join token, on the hub', load: () => import('./token.ts') },
  revoke: { summary: 'shut a gateway out, on the hub', load: () => import('./revoke.ts') },
  ca: { summary: "replace the hub's certificate authority", load: () => import('./ca.ts') },
  join: { summary: 'enrol this gateway at a hub', load: () => import('./join.ts') },
  simulate: { summary: 'serve the devices of a configuration', load: () => import('./simulate.ts') },
  write: { summary: 'write a register once', load: () => import('./write.ts') },
  read: { summary: 'read registers once', load: () => import('./read.ts') },
  scan: { summary: 'which devices answer on a line', load: () => import('./scan.ts') },
  profiles: { summary: 'the device library', load: () => import('./profiles.ts') },
  import: { summary: 'take over the configuration of another program', load: () => import('./import.ts') },
  kubeedge: { summary: 'objects for kubectl, and how the mapper stands', load: () => import('./kubeedge.ts') },
  journal: { summary: "look into a gateway's journal", load: () => import('./journal.ts') },
  dump: { summary: 'a support bundle without secrets', load: () => import('./dump.ts') },
  export: { summary: 'history out of the hub', load: () => import('./export.ts') },
  backup: { summary: "a copy of the hub's data", load: () => import('./backup.ts') },
  restore: { summary: "put a backup in the place of the hub's data", load: () => import('./restore.ts') },
  user: { summary: 'people who may log in at the hub', load: () => import('./user.ts') },
  audit: { summary: 'who did what at the hub, and whether that record is whole', load: () => import('./audit.ts') },
  apikey: { summary: 'keys for programs', load: () => import('./apikey.ts') },
};

const HELP = `Sluice ${version}: from meters and sensors to one page, and no reading lost.

Usage: sluice VERB [options]

${Object.entries(VERBS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

  sluice VERB --help   a verb's options, with an example
  sluice --version     the version alone

Errors are one line on stderr; with --json, JSON. Exit codes: 0 done, 1 failed at run time, 2 wrong usage or configuration.

Example: sluice demo`;

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv[0] === 'help' && argv[1] !== undefined ? [argv[1], '--help'] : argv;
  const io: Io = {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    isTty: process.stdout.isTTY === true,
    clock: systemClock,
    signal: new AbortController().signal,
  };
  if (name === '--version' || name === '-v') {
    io.out(version);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.out(HELP);
    return name === undefined ? 2 : 0;
  }
  const found = VERBS[name];
  if (found === undefined) {
    const near = nearest(name, Object.keys(VERBS));
    io.err(`sluice: no verb \`${name}\`${near ? `; did you mean \`${near}\`?` : ''}. See: sluice --help`);
    return 2;
  }
  try {
    return await runVerb((await found.load()).verb, rest, io);
  } catch (error) {
    return explain(error, rest.includes('--json'), io);
  }
}

/** Aborts when asked to stop. At a second Ctrl-C the process ends at once: a verb may wait for something that never comes. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let askedAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const now = systemClock.ticks();
      // One Ctrl-C comes twice under npm, which passes on what the terminal has sent already; SIGTERM repeats no wish.
      if (signal === 'SIGINT' && stop.signal.aborted && now - askedAt > SAME_ASKING_MS) process.exit(130);
      if (!stop.signal.aborted) askedAt = now;
      stop.abort();
    });
  }
  return stop.signal;
}

const SAME_ASKING_MS = 1000;

async function runVerb(verb: Verb, argv: readonly string[], io: Io): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    io.out(verb.usage);
    return 0;
  }
  const { values, positionals } = parseArgs({
    args: argv.filter((arg) => arg !== '--json'),
    options: verb.options,
    allowPositionals: true,
  });
  const args = { values: { ...values, json: argv.includes('--json') }, positionals };
  if (!verb.stopsSoftly) return verb.run(args, io);
  try {
    return await verb.run(args, { ...io, signal: stopSignal() });
  } finally {
    endSoon(io);
  }
}

const ENDS_WITHIN_MS = 3000;

/** All is closed and written. What is left open by a mistake, or by a name server that is slow, must not keep the process until it is killed. */
function endSoon(io: Io): void {
  // biome-ignore lint/style/noRestrictedGlobals: a clock's timer would itself keep the process
  setTimeout(() => {
    io.err(`sluice: ended although this was still open: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit();
  }, ENDS_WITHIN_MS).unref();
}

/** Expected failures become one readable line and an exit code; the rest are mistakes of ours and keep their stack. */
function explain(error: unknown, json: boolean, io: Io): number {
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    // Node's advice about `--` after the first sentence helps nobody here.
    const [what] = error.message.split('. To specify');
    return explain(new Fault('usage', what), json, io);
  }
  const missing = leftOut(error);
  if (missing !== undefined) return explain(new Fault('left-out', `${missing} is not in it`), json, io);
  if (!(error instanceof Fault)) throw error;
  const problems = 'problems' in error ? { problems: error.problems } : {};
  if (json) io.err(JSON.stringify({ code: error.code, message: error.message, action: error.action, ...problems }));
  else io.err(`sluice: ${error.message}\n  → ${error.action}`);
  return WRONG_USE.includes(error.code) ? 2 : 1;
}

/** The package that is not there: deploy/package leaves out what only a hub needs where nothing but a gateway is to run. */
function leftOut(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) return undefined;
  return /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
}

const WRONG_USE = ['usage', 'settings-invalid', 'file-missing', 'file-unwritable', 'data-dir', 'value-unfit'];

// Whoever reads us, such as `head`, has enough: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2));

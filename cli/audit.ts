import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { Fault } from '../core/faults.ts';
import { verifyRows } from '../monitor/audit/audit-log.ts';
import type { AuditRow, Chain } from '../monitor/audit/audit-row.ts';
import { fromNdjson } from '../monitor/audit/audit-text.ts';
import { needArchive, streamHub } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import { choiceOption, textOption } from './options.ts';
import { writeOutput } from './output.ts';
import { progressBar } from './progress.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'audit',
  summary: 'who did what at the hub, and whether that record is whole',
  usage: `Usage: sluice audit verify [FILE] [--at N:HASH] [--data DIR] [--json]
       sluice audit export [--format ndjson] [-o FILE] [--data DIR]

      FILE            an exported NDJSON file instead of the hub's own log
      --at N:HASH     row N must still have this hash, as an earlier \`verify\` printed it: finds a log that was written
                      anew or cut off at its end, which the chain alone cannot
      --format F      ndjson (default; can be verified) or csv (for spreadsheets)
  -o, --output FILE   default standard output
      --data DIR      the hub's dataDir (default ${DEFAULT_HUB_DATA})

Every row holds the hash of the one before it: \`verify\` finds the first that was altered, is missing or stands in
another place, and exits with 1. Works beside a running hub.

Example: sluice audit verify
         sluice audit export -o audit.ndjson && sluice audit verify audit.ndjson`,
  options: {
    at: { type: 'string' },
    format: { type: 'string' },
    output: { type: 'string', short: 'o' },
    data: { type: 'string' },
  },
  async run(args, io) {
    const [what, file] = args.positionals;
    if (what === 'verify') return verify(args, file, io);
    if (what !== 'export') throw new Fault('usage', 'sluice audit knows: verify, export');
    const format = choiceOption(args.values, 'format', ['ndjson', 'csv'], 'ndjson');
    await streamHub(hubData(args), 'audit-export', { format }, (parts) =>
      writeOutput(parts, textOption(args.values, 'output'), progressBar(undefined, io.clock)),
    );
    return 0;
  },
};

async function verify(args: Arguments, file: string | undefined, io: Io): Promise<number> {
  const at = anchorOf(textOption(args.values, 'at'));
  const { upTo, head, broken, isAnchored } = await chainOf(args, file, at);
  const isWhole = broken === undefined && isAnchored;
  if (args.values.json) io.out(JSON.stringify({ intact: isWhole, upTo, head, broken: broken ?? null, isAnchored }));
  else {
    if (upTo > 0) io.out(`intact up to row ${upTo}: --at ${upTo}:${head}`);
    else io.out('there is no row');
    if (broken) io.out(`row ${broken.n} ${SAID[broken.why]}: what follows proves nothing`);
    if (!isAnchored) io.out(`row ${at?.n} is not the one you noted: the log was written anew, or cut off before it`);
  }
  return isWhole ? 0 : 1;
}

const SAID = { altered: 'was altered', missing: 'is missing', 'out-of-order': 'stands in another place' } as const;

interface Anchor {
  readonly n: number;
  readonly hash: string;
}

function anchorOf(text: string | undefined): Anchor | undefined {
  if (text === undefined) return undefined;
  const [, n, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (n === undefined || hash === undefined)
    throw new Fault('usage', '--at wants N:HASH as `sluice audit verify` prints it');
  return { n: Number(n), hash };
}

async function chainOf(args: Arguments, file: string | undefined, at: Anchor | undefined) {
  let isAnchored = at === undefined;
  const watched = async function* (rows: AsyncIterable<AuditRow>) {
    for await (const row of rows) {
      if (at !== undefined && row.n === at.n) isAnchored = row.hash === at.hash;
      yield row;
    }
  };
  let chain: Chain | undefined;
  if (file !== undefined) {
    await access(file).catch((cause: unknown) => {
      throw new Fault('file-missing', file, { cause });
    });
    chain = await verifyRows(watched(fromNdjson(linesOf(createReadStream(file)))));
  } else {
    const dataDir = hubData(args);
    needArchive(dataDir);
    await streamHub(dataDir, 'audit-export', { format: 'ndjson' }, async (parts) => {
      chain = await verifyRows(watched(fromNdjson(linesOf(Readable.from(parts, { objectMode: false })))));
    });
  }
  return { ...(chain as Chain), isAnchored };
}

function linesOf(input: Readable): AsyncIterable<string> {
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

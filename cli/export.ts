import { Fault } from '../core/faults.ts';
import type { ExportRequest } from '../monitor/control.ts';
import { askHub, DEFAULT_HUB_DATA, hubData, streamHub } from './hub-access.ts';
import { exportOverHttp } from './hub-http.ts';
import { textOption, timeOption } from './options.ts';
import { writeOutput } from './output.ts';
import { progressBar } from './progress.ts';
import type { Arguments, Verb } from './verb.ts';

const DAY_MS = 86_400_000;
const FORMATS = ['csv', 'ndjson', 'parquet'] as const;

export const verb: Verb = {
  name: 'export',
  summary: 'history out of the hub',
  usage: `Usage: sluice export --point P [--from T] [--to T] [--format csv] [-o FILE] [--numbers]
                     [--data DIR | --hub URL --key KEY [--ca FILE]]

      --point P       gateway/device/point; * stands for any characters; may be given several times
      --from T        ISO 8601 or Unix milliseconds (default: a day before --to)
      --to T          not included (default: now)
      --format F      csv (default), ndjson or parquet
  -o, --output FILE   default: standard output
      --numbers       adds epoch and sequence number
      --data DIR      the hub's dataDir (default ${DEFAULT_HUB_DATA}); works beside a running hub
      --hub URL       over the network instead: csv and ndjson
      --key KEY       an API key of that hub
      --ca FILE       the CA of its certificate, if it is the hub's own

Example: sluice export --point 'seoul-plant-1/*' --from 2026-11-01 -o november.csv`,
  options: {
    point: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
    format: { type: 'string' },
    output: { type: 'string', short: 'o' },
    numbers: { type: 'boolean' },
    data: { type: 'string' },
    hub: { type: 'string' },
    key: { type: 'string' },
    ca: { type: 'string' },
  },
  async run(args, io) {
    const request = toRequest(args, io.clock.now());
    const output = textOption(args.values, 'output');
    const hub = textOption(args.values, 'hub');
    if (hub !== undefined) {
      const parts = exportOverHttp(
        { hub, key: textOption(args.values, 'key'), ca: textOption(args.values, 'ca') },
        request,
      );
      await writeOutput(parts, output, progressBar(undefined, io.clock));
      return 0;
    }
    const progress = progressBar(await sizeOf(args, request, output), io.clock);
    await streamHub(hubData(args), 'export', request, (parts) => writeOutput(parts, output, progress));
    return 0;
  },
};

function toRequest(args: Arguments, now: number): ExportRequest {
  const points = [args.values.point ?? []].flat().map(String);
  if (points.length === 0) throw new Fault('usage', 'sluice export wants --point');
  const wanted = textOption(args.values, 'format') ?? 'csv';
  const format = FORMATS.find((name) => name === wanted);
  if (format === undefined) throw new Fault('usage', `--format ${wanted}: one of ${FORMATS.join(', ')}`);
  const to = timeOption(args.values, 'to') ?? now;
  return {
    points,
    from: timeOption(args.values, 'from') ?? to - DAY_MS,
    to,
    format,
    numbers: args.values.numbers === true,
  };
}

/** Counting is only worth it for whoever watches; a Parquet file comes in one piece. */
async function sizeOf(
  args: Arguments,
  request: ExportRequest,
  output: string | undefined,
): Promise<number | undefined> {
  if (!process.stderr.isTTY || output === undefined || request.format === 'parquet') return undefined;
  return (await askHub<{ rows: number }>(hubData(args), 'export-size', request)).rows;
}

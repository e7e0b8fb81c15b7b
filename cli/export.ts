import { Fault } from '../core/faults.ts';
import { parseDuration } from '../core/units.ts';
import { AGGREGATES, type Aggregate } from '../monitor/archive/trends.ts';
import { type ExportRequest, FORMATS, LAYOUTS } from '../monitor/export/request.ts';
import { askHub, streamHub } from './hub-access.ts';
import { DEFAULT_HUB_DATA, hubData } from './hub-data.ts';
import { exportOverHttp } from './hub-http.ts';
import { textOption, timeOption } from './options.ts';
import { writeOutput } from './output.ts';
import { progressBar } from './progress.ts';
import type { Arguments, Verb } from './verb.ts';

const DAY_MS = 86_400_000;

export const verb: Verb = {
  name: 'export',
  summary: 'history out of the hub',
  usage: `Usage: sluice export --point P [--from T] [--to T] [--format csv] [-o FILE] [--numbers]
                     [--step 1h [--agg avg,max]] [--layout wide] [--bom]
                     [--data DIR | --hub URL --key KEY [--ca FILE]]

      --point P       gateway/device/point; * stands for any characters; may be given several times
      --from T        ISO 8601 or Unix milliseconds (default: a day before --to)
      --to T          not included (default: now)
      --format F      csv (default), ndjson, parquet or xlsx
      --layout L      long (default): a row per reading; wide: a row per time, a column per point
      --step D        rows of steps such as 15m, 1h or 1d instead of readings
      --agg LIST      what of each step (default avg,min,max,last,count,bad)
      --bom           csv: a byte order mark, by which Excel knows UTF-8
  -o, --output FILE   default: standard output
      --numbers       adds epoch and sequence number
      --data DIR      the hub's dataDir (default ${DEFAULT_HUB_DATA}); works beside a running hub
      --hub URL       over the network instead
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
    layout: { type: 'string' },
    step: { type: 'string' },
    agg: { type: 'string' },
    bom: { type: 'boolean' },
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
      const address = { hub, key: textOption(args.values, 'key'), ca: textOption(args.values, 'ca') };
      const { rows, parts } = await exportOverHttp(address, request);
      await writeOutput(parts, output, progressBar(isLines(request) ? rows : undefined, io.clock));
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
  const format = oneOf(args, 'format', FORMATS) ?? 'csv';
  const step = textOption(args.values, 'step');
  const stepMs = step === undefined ? undefined : parseDuration(step);
  if (step !== undefined && !stepMs) throw new Fault('usage', `--step ${step}: expected a duration such as 15m`);
  const to = timeOption(args.values, 'to') ?? now;
  return {
    points,
    from: timeOption(args.values, 'from') ?? to - DAY_MS,
    to,
    format,
    layout: oneOf(args, 'layout', LAYOUTS) ?? 'long',
    agg: aggregates(args),
    ...(stepMs === undefined ? {} : { stepMs }),
    numbers: args.values.numbers === true,
    bom: args.values.bom === true,
  };
}

function oneOf<T extends string>(args: Arguments, name: string, known: readonly T[]): T | undefined {
  const wanted = textOption(args.values, name);
  const found = known.find((each) => each === wanted);
  if (wanted !== undefined && found === undefined) {
    throw new Fault('usage', `--${name} ${wanted}: one of ${known.join(', ')}`);
  }
  return found;
}

function aggregates(args: Arguments): Aggregate[] {
  const wanted = (textOption(args.values, 'agg') ?? 'avg,min,max,last,count,bad').split(',');
  return wanted.map((name) => {
    const found = AGGREGATES.find((each) => each === name);
    if (found === undefined) throw new Fault('usage', `--agg ${name}: some of ${AGGREGATES.join(', ')}`);
    return found;
  });
}

/** Progress is counted in lines; the other formats come compressed. */
function isLines({ format }: ExportRequest): boolean {
  return format === 'csv' || format === 'ndjson';
}

/** Counting is only worth it for whoever watches. */
async function sizeOf(
  args: Arguments,
  request: ExportRequest,
  output: string | undefined,
): Promise<number | undefined> {
  if (!process.stderr.isTTY || output === undefined || !isLines(request)) return undefined;
  return (await askHub<{ rows: number }>(hubData(args), 'export-size', request)).rows;
}

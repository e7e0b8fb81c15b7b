import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import { isFault } from '../../core/faults.ts';
import { type Problem, SettingsFault } from '../../core/settings.ts';
import type { ConfigDesk } from '../fleet/config-desk.ts';
import { type DiffLine, lineDiff } from '../fleet/line-diff.ts';
import { type Change, withChange } from './change.ts';
import { ringsOf } from './rings.ts';

/** What a rollout would do to one gateway. */
export interface Planned {
  readonly gateway: GatewayId;
  /** Undefined where it takes no part: nothing to change, or something is wrong. */
  readonly ring: number | undefined;
  readonly problems: readonly Problem[];
  /** What changes, with a little of what stays. */
  readonly lines: readonly DiffLine[];
}

interface PlanDeps {
  readonly configs: Pick<ConfigDesk, 'base' | 'problems' | 'schema' | 'stages'>;
}

/** So many lines around a change say where it is. */
const AROUND = 3;

/** Every gateway's own configuration after the change, held against what this very gateway has published. Nothing is saved. */
export async function planOf(
  gateways: readonly GatewayId[],
  { change, rings }: { readonly change: Change; readonly rings: readonly string[] },
  { configs }: PlanDeps,
): Promise<readonly Planned[]> {
  const stages = await configs.stages();
  const looked: Omit<Planned, 'ring'>[] = [];
  for (const gateway of gateways) {
    const before = (await configs.base(gateway)).text;
    const why = whyNot(stages.get(gateway)?.phase, await configs.schema(gateway));
    if (why !== undefined) looked.push({ gateway, problems: [problem(why)], lines: [] });
    else looked.push({ gateway, ...(await changed(gateway, before, change, configs)) });
  }
  const taking = looked.filter(({ problems, lines }) => problems.length === 0 && lines.length > 0);
  const ringOf = new Map(ringsOf(rings, taking.length).map((ring, i) => [taking[i]?.gateway, ring]));
  return looked.map((each) => ({ ...each, ring: ringOf.get(each.gateway) }));
}

function whyNot(phase: string | undefined, schema: string | undefined): string | undefined {
  if (phase === undefined || phase === 'unknown') return 'has not told the hub what it works with';
  if (phase === 'file') return 'its own file owns its lines and devices (`managed: file`)';
  return schema === undefined ? 'has not published its schema' : undefined;
}

async function changed(gateway: GatewayId, before: string, change: Change, configs: PlanDeps['configs']) {
  try {
    const after = withChange(before, change);
    if (after === before) return { problems: [], lines: [] };
    return { problems: await configs.problems(gateway, after), lines: nearLines(lineDiff(before, after)) };
  } catch (error) {
    if (isFault(error) && error instanceof SettingsFault) return { problems: error.problems, lines: [] };
    throw error;
  }
}

function nearLines(lines: readonly DiffLine[]): readonly DiffLine[] {
  const isNear = (at: number) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ mark }) => mark !== ' ');
  return lines.filter((_, at) => isNear(at));
}

function problem(message: string): Problem {
  return { file: 'configuration', line: 1, path: '', message };
}

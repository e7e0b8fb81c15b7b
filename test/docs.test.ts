import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CSV_COLUMNS, importCsv } from '../cli/import/csv-points.ts';
import { SOURCES } from '../cli/import/guess.ts';
import { watchHub } from '../cloud-sync/cloud-hub/hub-metrics.ts';
import { createEdgeHub } from '../cloud-sync/edge-hub/edge-hub.ts';
import { systemClock } from '../core/clock.ts';
import { watchDisk } from '../core/disk-metrics.ts';
import { quietLog } from '../core/log.ts';
import { Metrics } from '../core/metrics.ts';
import { packageRoot } from '../core/package-root.ts';
import { CONDITION_KEYS, ruleSchema } from '../core/rules/rule-schema.ts';
import { parseSettings, problemLine } from '../core/settings.ts';
import { checkProfile } from '../devices/profile-check.ts';
import { profileSchema } from '../devices/profile-schema.ts';
import { libraryPage } from '../docs/generate-library.ts';
import { schemaTexts } from '../docs/generate-schemas.ts';
import { watchKubeEdge } from '../gateway/kubeedge/metrics.ts';
import { watchGateway } from '../gateway/metrics.ts';
import { loadGatewaySettings } from '../gateway/settings.ts';
import { boardSchema } from '../monitor/documents/board.ts';
import { floorPlanSchema } from '../monitor/documents/floor-plan.ts';
import { watchFleet } from '../monitor/fleet/fleet-metrics.ts';
import { housekeeping } from '../monitor/housekeeping.ts';
import { watchMonitor } from '../monitor/metrics.ts';
import { watchNotify } from '../monitor/notify/notify-metrics.ts';
import { layoutSchema } from '../monitor/reports/layout.ts';
import { scheduleSchema } from '../monitor/reports/schedule.ts';
import { readChange } from '../monitor/rollouts/change.ts';
import { roundSchema } from '../monitor/rounds/round-schema.ts';
import { parseHubSettings } from '../monitor/settings.ts';

const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const pages = ['README.md', ...readdirSync(join(packageRoot, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

/** Blocks that begin with ```yaml KIND. */
const blocks = (kind: string) =>
  pages.flatMap((page) =>
    [...read(page).matchAll(new RegExp(`^\`\`\`yaml ${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
      ([, text], i) => [`${page}, ${i + 1}`, text as string] as const,
    ),
  );

describe('examples work', () => {
  test.each(blocks('gateway'))('gateway.yaml of %s', async (_, text) => {
    const file = join(await mkdtemp(join(tmpdir(), 'docs-')), 'gateway.yaml');
    await writeFile(file, text);
    expect((await loadGatewaySettings(file)).plant.devices.length).toBeGreaterThan(0);
  });

  test.each(blocks('change'))('a change of many gateways in %s', (_, text) => {
    expect(() => readChange(text)).not.toThrow();
  });

  test.each(blocks('hub'))('hub.yaml of %s', (_, text) => {
    expect(parseHubSettings(text).dataDir).not.toBe('');
  });

  test.each(blocks('profile'))('profile of %s', (_, text) => {
    const loaded = parseSettings(profileSchema, text, 'profile.yaml');
    expect(checkProfile(loaded).map(problemLine)).toEqual([]);
    expect(loaded.value.vectors.length).toBeGreaterThan(0);
  });

  test('the round of docs/rounds.md is taken by the hub', () => {
    const [, text = ''] = /```json round\n([\s\S]*?)```/.exec(read('docs/rounds.md')) ?? [];
    expect(roundSchema.parse(JSON.parse(text)).places).toHaveLength(1);
  });

  test('the schedule and the layout of docs/reports.md are taken by the hub', () => {
    const example = (kind: string) =>
      JSON.parse(new RegExp(`\`\`\`json ${kind}\n([\\s\\S]*?)\`\`\``).exec(read('docs/reports.md'))?.[1] ?? '');
    expect(scheduleSchema.parse(example('report-schedule')).to).toHaveLength(1);
    expect(layoutSchema.parse(example('report-layout')).points).toHaveLength(2);
  });

  test('alarm rules: every example is taken, and there is one of every kind', async () => {
    const page = read('docs/rules.md');
    const [, plant = ''] = /```yaml gateway\n([\s\S]*?)```/.exec(page) ?? [];
    const kinds = new Set<string>();
    const examples = blocks('alarms');
    for (const [place, text] of examples) {
      const file = join(await mkdtemp(join(tmpdir(), 'docs-')), 'gateway.yaml');
      await writeFile(file, `${plant}    alarms:\n${text.replaceAll(/^/gm, '      ').trimEnd()}\n`);
      const { devices } = (await loadGatewaySettings(file)).plant;
      expect(devices[0]?.rules.length, place).toBeGreaterThan(1);
      for (const { condition } of devices[0]?.rules ?? []) kinds.add(condition.kind);
    }
    expect([...kinds].sort()).toEqual([...CONDITION_KEYS, 'offline'].sort());
    for (const key of Object.keys(ruleSchema.shape)) expect(page).toMatch(new RegExp(`\`${key}\``));
  });

  test.each([
    ['floor-plan', floorPlanSchema],
    ['board', boardSchema],
  ] as const)('docs/page.md: the %s is one, and every key and kind is explained', (kind, schema) => {
    const page = read('docs/page.md');
    const text = new RegExp(`\`\`\`json ${kind}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
    const body = JSON.parse(text);
    expect(schema.parse(body)).toEqual(body);
    const words = kind === 'board' ? body.tiles.map((tile: { kind: string }) => tile.kind) : Object.keys(schema.shape);
    expect(words.length).toBeGreaterThan(6);
    for (const word of words) expect(page, word).toMatch(new RegExp(`^\\| \`${word}\``, 'm'));
  });

  test('there are some of each', () => {
    expect(['gateway', 'hub', 'profile'].map((kind) => blocks(kind).length > 1)).toEqual([true, true, true]);
  });
});

test('the JSON Schemas are those of the code: `npm run schemas` writes them', () => {
  for (const [file, text] of Object.entries(schemaTexts())) expect(read(`docs/schemas/${file}`), file).toBe(text);
  expect(readdirSync(join(packageRoot, 'docs/schemas')).sort()).toEqual(Object.keys(schemaTexts()).sort());
});

test('the page on importing names every source and every column, and its example is translated whole', () => {
  const text = read('docs/importing.md');
  for (const word of [...SOURCES, ...CSV_COLUMNS])
    expect(text, word).toMatch(new RegExp(`^\\|.*\`${word}\`.*\\|`, 'm'));
  const example = /```csv\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  expect(importCsv(example, 'example.csv')).toMatchObject({ points: 3, problems: [] });
});

test('the page of the device library is that of the profiles: `npm run library` writes it', async () => {
  expect(read('docs/library.md')).toBe(await libraryPage());
});

test.each([
  ['gateway.schema.json', 'docs/configuration.md'],
  ['hub.schema.json', 'docs/configuration.md'],
  ['profile.schema.json', 'docs/profiles.md'],
])('every key of %s is on %s', (schema, page) => {
  const text = read(page);
  const known = [...keysOf(JSON.parse(read(`docs/schemas/${schema}`)))];
  expect(known.length).toBeGreaterThan(10);
  expect(known.filter((key) => !new RegExp(`(^|[\`.{ ])${key}(\`|:|[ ,}])`, 'm').test(text))).toEqual([]);
});

/** Names of properties at any depth. */
function keysOf(schema: unknown, found = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return found;
  if ('properties' in schema) for (const key of Object.keys(schema.properties as object)) found.add(key);
  for (const part of Object.values(schema)) keysOf(part, found);
  return found;
}

test('links between pages lead somewhere', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, to]) => to as string)
      .filter((to) => !existsSync(join(packageRoot, page, '..', to)))
      .map((to) => `${page} -> ${to}`),
  );
  expect(broken).toEqual([]);
});

describe('metrics', () => {
  const page = read('docs/metrics.md');
  const [gatewayPart = '', hubPart = ''] = page.split('## Hub');

  test.each([
    ['the gateway', gatewayPart, gatewayMetrics],
    ['the hub', hubPart, hubMetrics],
  ] as const)('of %s: the page and the code name the same', (_, part, register) => {
    const rows = [...part.matchAll(/^\| `(\w+)` +\| (\w+) +\| ([\w, ]*?) *\| (.+?) +\|$/gm)];
    const written = rows.map(([, name, kind, labels, what]) => `${name} ${kind} (${labels}) ${what}`);
    expect(written.sort()).toEqual(registered(register()).sort());
  });
});

function registered(metrics: Metrics): string[] {
  return metrics.registry
    .getMetricsAsArray()
    .map((metric) => metric as unknown as { name: string; type: string; help: string; labelNames: string[] })
    .filter(({ name }) => name.startsWith('sluice_'))
    .map(({ name, type, help, labelNames }) => `${name} ${type} (${labelNames.join(', ')}) ${help}`);
}

/** Figures are looked up only when asked for, so that nothing has to run. */
function gatewayMetrics(): Metrics {
  const metrics = new Metrics();
  watchGateway(metrics, {} as never);
  watchDisk(metrics, 'sluice_disk', '');
  watchKubeEdge(metrics, { status: () => ({ mapper: 'registered' }) } as never);
  createEdgeHub({
    metrics,
    settings: { maxBytesPerSecond: 0, retryWithin: 60_000 },
    clock: systemClock,
    log: quietLog,
  } as never);
  return metrics;
}

function hubMetrics(): Metrics {
  const metrics = new Metrics();
  watchMonitor(metrics, {} as never);
  housekeeping({ jobs: [], zone: 'UTC', metrics } as never);
  watchNotify(metrics, {} as never);
  watchFleet(metrics, {} as never);
  watchHub(metrics, {} as never, () => 0);
  return metrics;
}

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../core/package-root.ts';
import { describeWith } from '../support/tools.ts';
import { manifests, ofKind, run } from './tool.ts';

const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const FILES = 'deploy/charts/hub/files';
const RULES = `${FILES}/sluice.rules.yaml`;

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}
const { groups } = parse(read(RULES)) as { groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** Name, and the labels that it has, of docs/metrics.md; of histograms and summaries their series too. */
const written = new Map<string, readonly string[]>(
  [...read('docs/metrics.md').matchAll(/^\| `(\w+)` +\| (\w+) +\| ([\w, ]*?) *\|/gm)].flatMap(
    ([, name = '', kind, labels = '']) => {
      const own = labels.split(', ').filter(Boolean);
      const series: [string, string[]][] = [[name, own]];
      if (kind === 'histogram') series.push([`${name}_bucket`, [...own, 'le']]);
      if (kind === 'histogram' || kind === 'summary') series.push([`${name}_sum`, own], [`${name}_count`, own]);
      return series;
    },
  ),
);

const OURS = /\b(sluice_\w+)(?:\{([^}]*)\})?/g;

/** What an expression names that does not exist: a metric, or a label of one. `gateway` may also be given by a scrape. */
function unknown(expr: string): string[] {
  return [...expr.matchAll(OURS)].flatMap(([, name = '', matchers = '']) => {
    const labels = written.get(name);
    if (labels === undefined) return [name];
    const asked = [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label);
    return asked.filter((label) => label !== 'gateway' && !labels.includes(label)).map((label) => `${name}{${label}}`);
  });
}

test('the check itself sees a name and a label that do not exist', () => {
  expect(unknown('sluice_hub_sessionz > 0 and sluice_writes_total{who="x", state="y"} > 0')).toEqual([
    'sluice_hub_sessionz',
    'sluice_writes_total{who}',
  ]);
});

test('rules name only what docs/metrics.md has, and say what to do in both languages', () => {
  expect(rules.flatMap(({ alert, expr }) => unknown(expr).map((name) => `${alert}: ${name}`))).toEqual([]);
  for (const { alert, annotations } of rules) {
    expect(Object.keys(annotations).sort(), alert).toEqual(['action', 'action_ko', 'summary', 'summary_ko']);
    expect(annotations.summary_ko, alert).toMatch(/[가-힣]/);
    expect(annotations.action_ko, alert).toMatch(/[가-힣]/);
  }
});

test('every alert is seen to fire by the unit tests', () => {
  const tests = read('test/deploy/sluice.rules.test.yaml');
  expect(rules.map(({ alert }) => alert).filter((alert) => !tests.includes(`alertname="${alert}"`))).toEqual([]);
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string; readonly datasource: object }[];
}

const dashboards = readdirSync(join(packageRoot, FILES)).filter((name) => name.endsWith('.json'));

test.each(dashboards)('%s asks only for what docs/metrics.md has, and its panels do not cover one another', (name) => {
  const { panels, templating, uid } = JSON.parse(read(`${FILES}/${name}`)) as {
    panels: readonly Panel[];
    templating: { list: readonly { name: string; definition?: string }[] };
    uid: string;
  };
  expect(`${uid}.json`).toBe(name);
  const asked = [...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))];
  const variables = templating.list.flatMap(({ definition = '' }) => [definition]);
  expect(asked.length).toBeGreaterThan(10);
  expect([...asked, ...variables].flatMap(unknown)).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { targets = [] } of panels)
    for (const { datasource } of targets)
      expect(datasource).toEqual({ type: 'prometheus', uid: expect.stringMatching(/^\$\{datasource\}$/) });
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
});

describeWith('helm', 'the hub chart', () => {
  test('hands on these rules and dashboards as they are', () => {
    const on = ['rules', 'dashboards'].flatMap((what) => ['--set', `metrics.${what}.enabled=true`]);
    const chart = ['deploy/charts/hub', '--set', 'image.repository=sluice', '--set', 'names={hub.example.com}'];
    const { code, out, err } = run('helm', ['template', 'hub', ...chart, ...on]);
    expect(code, err).toBe(0);
    const objects = manifests(out);
    expect(ofKind(objects, 'PrometheusRule').spec).toEqual(parse(read(RULES)));
    const shown = objects.find(({ kind, data }) => kind === 'ConfigMap' && 'sluice-fleet.json' in data);
    for (const name of dashboards) expect(JSON.parse(shown?.data[name])).toEqual(JSON.parse(read(`${FILES}/${name}`)));
  });
});

describeWith('promtool', 'alert rules', () => {
  test('are rules', () => {
    const { code, out, err } = run('promtool', ['check', 'rules', RULES]);
    expect(code, out + err).toBe(0);
  });

  test('fire when they should, and then alone', () => {
    const { code, out, err } = run('promtool', ['test', 'rules', 'test/deploy/sluice.rules.test.yaml']);
    expect(code, out + err).toBe(0);
  });

  test.each(dashboards)('every query of %s is PromQL', (name) => {
    const { panels } = JSON.parse(read(`${FILES}/${name}`)) as { panels: readonly Panel[] };
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const asRules = { groups: [{ name, rules: queries.map((expr, i) => ({ record: `query:${i}`, expr })) }] };
    const file = join(mkdtempSync(join(tmpdir(), 'queries-')), name);
    writeFileSync(file, JSON.stringify(asRules));
    const { code, out, err } = run('promtool', ['check', 'rules', file]);
    expect(code, out + err).toBe(0);
  });
});

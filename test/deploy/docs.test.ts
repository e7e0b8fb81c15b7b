import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { verb } from '../../cli/kubeedge.ts';
import { systemClock } from '../../core/clock.ts';
import { packageRoot } from '../../core/package-root.ts';
import { parseHubSettings } from '../../monitor/settings.ts';
import { deviceObject, modelObject, SEED_SLAVE_PORT, seedsAt } from '../partners/kubeedge/seeds.ts';
import { describeWith } from '../support/tools.ts';
import { manifests, ofKind, run, validate } from './tool.ts';

const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const page = read('docs/kubernetes.md');
const blocks = (kind: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`yaml ${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = ''], i) => [i + 1, text] as const,
  );

function render(chart: string, values: string): string {
  const { code, out, err } = run(
    'helm',
    ['template', `sluice-${chart}`, `deploy/charts/${chart}`, '-n', 'plant', '-f', '-'],
    values,
  );
  expect(code, err).toBe(0);
  return out;
}

test('docs/kubernetes.md names every alert, and no other', () => {
  const { groups } = parse(read('deploy/charts/hub/files/sluice.rules.yaml'));
  const alerts = groups.flatMap(({ rules }: { rules: { alert: string }[] }) => rules.map(({ alert }) => alert));
  const named = new Set([...page.matchAll(/`(Sluice[A-Z]\w+)`/g)].map(([, alert]) => alert));
  expect([...named].sort()).toEqual(alerts.sort());
});

describeWith('helm', 'examples of docs/kubernetes.md', () => {
  test.each(blocks('values-hub'))('hub, %i', (_, text) => {
    const out = render('hub', text);
    expect(parseHubSettings(ofKind(manifests(out), 'ConfigMap').data['hub.yaml']).dataDir).toBe('/var/lib/sluice-hub');
    expect(validate(out).code).toBe(0);
  });

  test.each(blocks('values-gateway'))('gateway, %i', (_, text) => {
    const { code, out } = validate(render('gateway', text));
    expect(code, out).toBe(0);
    // What nobody enrolled ends at each start.
    const { config, join: joins } = parse(text);
    if (config?.hub) expect(joins?.hub, 'an example with a hub says how the gateway joins').toBeDefined();
  });

  test('resources have the names that the commands use', () => {
    const names = manifests(
      render('hub', `${blocks('values-hub')[0]?.[1]}backup: { enabled: true, existingClaim: b }`),
    ).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names).toEqual(
      expect.arrayContaining(['Deployment/sluice-hub', 'CronJob/sluice-hub-backup', 'Service/sluice-hub']),
    );
  });
});

const kubeedgePage = [...read('docs/kubeedge.md').matchAll(/^```yaml\n(apiVersion: [\s\S]*?)^```$/gm)];
const objects = [...blocks('kubernetes').map(([, text]) => text), ...kubeedgePage.map(([, text = '']) => text)];

describeWith('kubeconform', 'objects of KubeEdge', () => {
  test.each(objects)('of the docs: %.60s', (text) => {
    const { code, out } = validate(text);
    expect(code, out).toBe(0);
    expect(validate(text.replace('nodeName:', 'node:')).code).not.toBe(0);
  });

  test('of every profile, which are what `sluice kubeedge export` writes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubeedge-'));
    const io = { out: () => {}, err: () => {}, isTty: false, clock: systemClock, signal: new AbortController().signal };
    expect(await verb.run({ values: { all: true, out: folder }, positionals: ['export'] }, io)).toBe(0);
    const textsOf = (place: string) =>
      readdirSync(place).map((name) => [name, readFileSync(join(place, name), 'utf8')]);
    const kept = textsOf(join(packageRoot, 'deploy/kubeedge'));
    expect(kept.length).toBeGreaterThan(40);
    expect(kept, 'npm run kubeedge makes them anew').toEqual(textsOf(folder));
    const { code, out } = validate(kept.map(([, text]) => text).join('\n---\n'));
    expect(code, out.slice(0, 2000)).toBe(0);
  });

  test('those for tests against a real EdgeCore', () => {
    const { model, devices, stranger } = seedsAt('127.0.0.1', SEED_SLAVE_PORT);
    const texts = [modelObject(model), ...[...devices, stranger].map(deviceObject)].map((object) => stringify(object));
    const { code, out } = validate(texts.join('\n---\n'));
    expect(code, out.slice(0, 2000)).toBe(0);
  });
});

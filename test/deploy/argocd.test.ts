import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../core/package-root.ts';
import { parseHubSettings } from '../../monitor/settings.ts';
import { describeWith } from '../support/tools.ts';
import { manifests, ofKind, run, validate } from './tool.ts';

const FOLDER = 'deploy/argocd';
const PLANTS = `${FOLDER}/plants`;
const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const sites = readdirSync(join(packageRoot, PLANTS, 'sites'));
const { spec: gateways } = parse(read(`${FOLDER}/gateways.yaml`));
const { spec: hub } = parse(read(`${FOLDER}/hub.yaml`));

/** What a template of the set becomes for a site: all that it uses of Go's templates are names. */
function filled(text: string, site: string): string {
  const facts: Record<string, string> = {
    '.path.basename': site,
    '.path.path': `sites/${site}`,
    '.ring': parse(read(`${PLANTS}/sites/${site}/site.yaml`)).ring,
  };
  return text.replace(/\{\{ (\S+) \}\}/g, (_, name: string) => {
    const fact = facts[name];
    if (fact === undefined) throw new Error(`${name} is unknown, and missingkey=error`);
    return fact;
  });
}

/** The arguments that Argo CD gives to helm, with the repository of the plants in its place. */
function helmOf(
  source: {
    helm: { releaseName: string; valueFiles: string[]; parameters?: { name: string; value: string }[] };
    path: string;
  },
  fill = (text: string) => text,
) {
  const { releaseName, valueFiles, parameters = [] } = source.helm;
  return [
    ...['template', fill(releaseName), source.path, '-n', 'plant'],
    ...valueFiles.flatMap((file) => ['-f', fill(file).replace('$plants', PLANTS)]),
    ...parameters.flatMap(({ name, value }) => ['--set-string', `${name}=${fill(value)}`]),
  ];
}

test('each example site is in a ring that a step takes, or away', () => {
  const rings = gateways.strategy.rollingSync.steps.flatMap(
    (step: { matchExpressions: { key: string; values: string[] }[] }) =>
      step.matchExpressions
        .filter(({ key }) => key in gateways.template.metadata.labels)
        .flatMap(({ values }) => values),
  );
  expect(rings).toEqual(['first', 'second', 'rest']);
  for (const site of sites) {
    const ring = filled(gateways.template.metadata.labels['sluice-ring'], site);
    expect([...rings, 'away'], site).toContain(ring);
  }
});

test('charts are where the Applications look for them', () => {
  const paths = [...hub.sources, ...gateways.template.spec.sources]
    .map(({ path }: { path?: string }) => path)
    .filter(Boolean);
  expect(paths).toEqual(['deploy/charts/hub', 'deploy/charts/gateway']);
});

describeWith('kubeconform', 'Argo CD', () => {
  test.each(['project', 'hub', 'gateways'])('%s.yaml is what Argo CD takes', (name) => {
    const { code, out, err } = validate(read(`${FOLDER}/${name}.yaml`));
    expect(code, out + err).toBe(0);
  });

  test('a field that it does not know is found', () => {
    expect(validate(read(`${FOLDER}/gateways.yaml`).replace('rollingSync:', 'rollingSinc:')).code).not.toBe(0);
    expect(validate(read(`${FOLDER}/hub.yaml`).replace('selfHeal: true', 'selfHeal: sure')).code).not.toBe(0);
  });
});

describeWith('helm', 'what Argo CD makes of the example plants', () => {
  test.each(sites)('%s', (site) => {
    const { code, out, err } = run(
      'helm',
      helmOf(gateways.template.spec.sources[0], (text) => filled(text, site)),
    );
    expect(code, err).toBe(0);
    const all = manifests(out);
    expect(parse(ofKind(all, 'ConfigMap').data['gateway.yaml'])).toMatchObject({ gateway: site, managed: 'hub' });
    expect(ofKind(all, 'Deployment').spec.template.spec.nodeSelector['kubernetes.io/hostname']).toMatch(/^edge-/);
    expect(validate(out).code).toBe(0);
  });

  test('the hub', () => {
    const { code, out, err } = run('helm', helmOf(hub.sources[0]));
    expect(code, err).toBe(0);
    expect(parseHubSettings(ofKind(manifests(out), 'ConfigMap').data['hub.yaml']).names).toContain('hub.example.com');
    expect(validate(out).code).toBe(0);
  });
});

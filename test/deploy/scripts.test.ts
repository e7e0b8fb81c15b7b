import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import { packageRoot } from '../../core/package-root.ts';
import { runGateway } from '../../gateway/app.ts';
import { loadGatewaySettings } from '../../gateway/settings.ts';
import { type HubReady, runHub } from '../../monitor/main.ts';
import { parseHubSettings } from '../../monitor/settings.ts';
import { pickPorts } from '../e2e/ports.ts';
import { describeWith } from '../support/tools.ts';
import { type Ended, ofKind, render } from './tool.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'chart-scripts-'));
const inits = (chart: string, values: string) =>
  ofKind(render(chart, values), 'Deployment').spec.template.spec.initContainers;
const initOf = (chart: string, values: string, name: string): { command: string[]; args?: string[] } =>
  inits(chart, values).find((container: { name: string }) => container.name === name);

/** What a container would run, with folders of this test in place of the container's, and a `sluice` that says what it was told. */
function play(
  { command, args = [] }: { command: string[]; args?: string[] | undefined },
  paths: Record<string, string>,
  env: Record<string, string> = {},
) {
  const bin = folder();
  writeFileSync(join(bin, 'sluice'), '#!/bin/sh\necho "$*" >> "$SAID"\n[ "$1" != backup ] || mkdir "$3"\n');
  chmodSync(join(bin, 'sluice'), 0o755);
  const said = join(bin, 'said');
  const [shell = '', ...rest] = [...command, ...args].map((text) =>
    Object.entries(paths).reduce((all, [from, to]) => all.replaceAll(from, to), text),
  );
  return ended(shell, rest, { ...env, PATH: `${bin}:${process.env.PATH}`, SAID: said }).then((end) => ({
    ...end,
    said: existsSync(said) ? readFileSync(said, 'utf8').trim() : '',
  }));
}

function ended(command: string, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { PATH: process.env.PATH ?? '', ...env }, timeout: 90_000 });
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => {
      out += part;
    });
    child.stderr.on('data', (part) => {
      err += part;
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describeWith('helm', 'what containers of the charts run before and beside', () => {
  test('a gateway joins once; a spent or missing secret does not matter afterwards', async () => {
    const join_ = initOf('gateway', 'gateway-small', 'join');
    const data = folder();
    const paths = { '/var/lib/sluice': data };
    const env = { HUB: 'https://hub.example.com:8080', TOKEN: 'abc' };
    expect((await play(join_, paths, env)).said).toBe(
      'join --hub https://hub.example.com:8080 --token abc --id seoul-plant-1',
    );
    const without = await play(join_, paths, { HUB: env.HUB });
    expect([without.code === 0, without.said]).toEqual([false, '']);
    expect(without.err).toContain('the secret with the token is not there');
    for (const there of ['identity', 'identity.previous']) {
      const enrolled = folder();
      mkdirSync(join(enrolled, there));
      expect(await play(join_, { '/var/lib/sluice': enrolled })).toMatchObject({ code: 0, said: '' });
    }
  });

  test('a folder of the node that is empty or its own is taken; one of somebody else is left alone', async () => {
    const container = initOf('gateway', 'gateway-small', 'folder');
    const own = process.getuid?.() ?? 0;
    const asMe = { ...container, args: container.args?.map((text) => text.replaceAll('10001', String(own))) };
    const mine = folder();
    chmodSync(mine, 0o755);
    expect((await play(asMe, { '/var/lib/sluice': mine })).code).toBe(0);
    // As on a node, where it is root that finds a folder of root's.
    if (own === 0) expect(statSync(mine).mode & 0o777).toBe(0o700);
    const foreign = folder();
    writeFileSync(join(foreign, 'file'), '');
    const refused = await play(container, { '/var/lib/sluice': foreign });
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`belongs to uid ${own}: chown -R 10001 it on the node`);
  });

  test.each([
    ['hub', 'hub-full'],
    ['gateway', 'gateway-path'],
  ])('secrets become files for their owner alone, as the %s wants them', async (chart, values) => {
    const container = initOf(chart, values, 'secrets');
    const [from, to] = [folder(), folder()];
    for (const name of ['tls.key', 'oidc']) writeFileSync(join(from, name), name, { mode: 0o644 });
    expect((await play(container, { '/run/sluice/secrets': to, '/secrets': from })).code).toBe(0);
    expect(readdirSync(to).sort()).toEqual(['oidc', 'tls.key']);
    for (const name of readdirSync(to)) expect(statSync(join(to, name)).mode & 0o777).toBe(0o600);
  });

  test('a backup is made first, then the oldest go; one that fails removes nothing', async () => {
    const [container] = ofKind(render('hub', 'hub-full', 'backup.keep=2'), 'CronJob').spec.jobTemplate.spec.template
      .spec.containers;
    const backups = folder();
    for (const day of ['01', '02', '03']) mkdirSync(join(backups, `hub-2026-01-${day}T033000Z`));
    expect((await play(container, { '/backups': backups })).code).toBe(0);
    const kept = readdirSync(backups).sort();
    expect(kept).toHaveLength(2);
    expect(kept[0]).toBe('hub-2026-01-03T033000Z');
    const failing = { command: container.command.map((text: string) => text.replace('sluice backup', 'false')) };
    expect((await play(failing, { '/backups': backups })).code).not.toBe(0);
    expect(readdirSync(backups).sort()).toEqual(kept);
  });

  test('the folder that a backup is asked for is one that the hub itself may write, on the claim that the job looks through', async () => {
    const all = render('hub', 'hub-full');
    const job = ofKind(all, 'CronJob').spec.jobTemplate.spec.template.spec;
    const hub = ofKind(all, 'Deployment').spec.template.spec;
    const backups = folder();
    const { said } = await play(job.containers[0], { '/backups': backups });
    const [, asked = ''] = said.match(/^backup -o (.*)$/) ?? [];
    const claimBelow = (pod: typeof hub) => {
      const inPod = asked.replace(backups, '/backups');
      const mount = pod.containers[0].volumeMounts.find(
        ({ mountPath, readOnly }: { mountPath: string; readOnly?: true }) =>
          !readOnly && inPod.startsWith(`${mountPath}/`),
      );
      return pod.volumes.find(({ name }: { name: string }) => name === mount?.name)?.persistentVolumeClaim;
    };
    expect(claimBelow(hub)).toEqual({ claimName: 'sluice-backups' });
    expect(claimBelow(job)).toEqual(claimBelow(hub));
    const terms = job.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(terms[0].labelSelector.matchLabels).toEqual(ofKind(all, 'Deployment').spec.selector.matchLabels);
  });
});

const script = (chart: string) => readFileSync(join(packageRoot, `deploy/charts/${chart}/files/test.mjs`), 'utf8');
const helmTest = (chart: string, env: Record<string, string>) =>
  ended(process.execPath, ['--input-type=module', '--eval', script(chart)], env);

test('helm test of the hub passes on a real hub, and fails where nobody answers', async () => {
  const stop = new AbortController();
  const dataDir = folder();
  const text = `dataDir: ${dataDir}\nnames: [localhost]\nhttp: { listen: "127.0.0.1:0", tls: auto }\nmqtt: { listen: "127.0.0.1:0" }`;
  let running: Promise<void> = Promise.resolve();
  const { url, mqttPort } = await new Promise<HubReady>((resolve, reject) => {
    const deps = { signal: stop.signal, clock: systemClock, log: quietLog, metrics: new Metrics() };
    running = runHub(parseHubSettings(text), { ...deps, onReady: resolve });
    running.catch(reject);
  });
  const { code, out, err } = await helmTest('hub', { PAGE: url, GATEWAYS: `localhost:${mqttPort}` });
  expect(out + err).toContain('refuses whoever has no certificate');
  expect(code, out + err).toBe(0);
  // The page's port is no gateways' port: it takes callers without a certificate.
  const wrong = await helmTest('hub', { PAGE: url, GATEWAYS: `localhost:${new URL(url).port}` });
  expect(wrong.code, wrong.out + wrong.err).toBe(1);
  stop.abort();
  await running;
  expect((await helmTest('hub', { PAGE: url, GATEWAYS: `localhost:${mqttPort}` })).code).toBe(1);
});

test('helm test of the gateway passes on the real one, and fails on another', async () => {
  const stop = new AbortController();
  const dataDir = folder();
  const [port] = await pickPorts(1);
  const file = join(dataDir, 'gateway.yaml');
  writeFileSync(
    file,
    `gateway: plant-1\ndataDir: ${dataDir}\nhttp: { listen: "127.0.0.1:${port}" }\neventBus: false\n`,
  );
  const deps = { clock: systemClock, log: quietLog, metrics: new Metrics() };
  const running = runGateway(await loadGatewaySettings(file), stop.signal, deps);
  const STATUS = `http://127.0.0.1:${port}`;
  await expect
    .poll(
      () =>
        fetch(`${STATUS}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      { timeout: 15_000 },
    )
    .toBe(true);
  const passed = await helmTest('gateway', { STATUS, GATEWAY: 'plant-1', HUB: '' });
  expect(passed.code, passed.out + passed.err).toBe(0);
  const another = await helmTest('gateway', { STATUS, GATEWAY: 'plant-2', HUB: '' });
  expect([another.code, another.err]).toEqual([1, expect.stringContaining('is plant-1, not plant-2')]);
  stop.abort();
  await running;
});

import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot, version } from '../../core/package-root.ts';
import { loadGatewaySettings } from '../../gateway/settings.ts';
import { parseHubSettings } from '../../monitor/settings.ts';
import { describeWith } from '../support/tools.ts';
import { type Manifest, manifests, ofKind, render, run, template, validate, valuesFile } from './tool.ts';

const values = readdirSync(join(packageRoot, 'test/deploy/values')).map((name) => name.replace(/\.yaml$/, ''));
const chartOf = (name: string) => name.slice(0, name.indexOf('-'));
const podOf = (manifest: Manifest) => {
  if (manifest.kind === 'CronJob') return manifest.spec.jobTemplate.spec.template.spec;
  return manifest.kind === 'Pod' ? manifest.spec : manifest.spec.template.spec;
};
const pods = (all: readonly Manifest[]) =>
  all.filter(({ kind }) => ['Deployment', 'CronJob', 'Pod'].includes(kind)).map(podOf);

describeWith('helm', 'charts', () => {
  test.each(values)('%s passes lint', (name) => {
    const { code, out, err } = run('helm', [
      'lint',
      '--strict',
      '-f',
      valuesFile(name),
      `deploy/charts/${chartOf(name)}`,
    ]);
    expect(code, out + err).toBe(0);
  });

  test.each(['hub', 'gateway'])('the version of the %s chart is that of the package', (chart) => {
    const { out } = run('helm', ['show', 'chart', `deploy/charts/${chart}`]);
    expect(out).toContain(`\nappVersion: ${version}\n`);
    expect(out).toContain(`\nversion: ${version}\n`);
  });

  test.each([
    ['hub', 'hub-small', 'imagee={}', /additional properties 'imagee' not allowed/],
    ['hub', 'hub-small', 'image.repository=""', /image\.repository: say where your image is/],
    ['hub', 'hub-small', 'tls={"mode":"none"}', /\/tls\/mode.*'auto', 'secret', 'proxy'/s],
    ['hub', 'hub-small', 'tls={"mode":"secret"}', /\/tls\/secretName/],
    ['hub', 'hub-small', 'ingress.enabled=true', /\/ingress\/host/],
    ['hub', 'hub-small', 'config={"mqtt":{"listen":"0.0.0.0:1"}}', /config\.mqtt is the chart's own/],
    ['hub', 'hub-small', 'uid=0', /\/uid.*minimum/],
    ['hub', 'hub-small', 'backup.enabled=true', /backup\.existingClaim: a claim/],
    ['hub', 'hub-small', 'service.httpPort=70000', /\/service\/httpPort/],
    ['gateway', 'gateway-small', 'gateway=""', /gateway: the gateway's id at the hub/],
    ['gateway', 'gateway-small', 'gateway="Seoul 1"', /\/gateway.*does not match/],
    ['gateway', 'gateway-small', 'join.tokenSecret={"name":""}', /join\.tokenSecret\.name: the secret with the token/],
    ['gateway', 'gateway-small', 'join.hub="http://hub:8080"', /\/join\/hub.*does not match/],
    ['gateway', 'gateway-path', 'config.managed="hub"', /\/config.*missing property 'hub'/],
    ['gateway', 'gateway-small', 'config.hub.url="mqtt://hub:1883"', /\/config\/hub\/url.*does not match/],
    ['gateway', 'gateway-small', 'serial.paths=["/dev/ttyUSB0"]', /serial\.paths needs serial\.privileged/],
    ['gateway', 'gateway-mapper', 'serial.privileged=true', /kubeedge\.mapper with serial\.privileged is root/],
    ['gateway', 'gateway-small', 'serial.paths=["ttyUSB0"]', /\/serial\/paths\/0.*does not match/],
    ['gateway', 'gateway-small', 'config.kubeedge.enabled=true', /reaches no socket of EdgeCore/],
    ['gateway', 'gateway-small', 'config.dataDir="/data"', /config\.dataDir is the chart's own/],
  ])('%s refuses %s with %s', (chart, base, wrong, words) => {
    const { code, err } = template(chart, base, wrong);
    expect(code).not.toBe(0);
    expect(err).toMatch(words);
  });

  test.each(['/', '/run', '/etc', '/etc/kubeedge', '/etc/kubeedge//', '/run/../etc/kubeedge', '/run/containerd'])(
    'no pod of root sees %s of its node',
    (path) => {
      const { code, err } = template('gateway', 'gateway-mapper', `kubeedge.dmiSockPath="${path}"`);
      expect(code).not.toBe(0);
      expect(err).toContain('/kubeedge/dmiSockPath');
    },
  );

  test('hub.yaml of every values file is taken by the hub', () => {
    for (const name of values.filter((each) => chartOf(each) === 'hub')) {
      const settings = parseHubSettings(ofKind(render('hub', name), 'ConfigMap').data['hub.yaml']);
      expect(settings.dataDir).toBe('/var/lib/sluice-hub');
      expect(settings.names).toContain('r-sluice-hub.plant.svc');
    }
  });

  test('gateway.yaml of every values file is taken by the gateway', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chart-'));
    for (const name of values.filter((each) => chartOf(each) === 'gateway')) {
      const file = join(folder, `${name}.yaml`);
      writeFileSync(file, ofKind(render('gateway', name), 'ConfigMap').data['gateway.yaml']);
      const { dataDir, kubeedge } = await loadGatewaySettings(file);
      expect([dataDir, kubeedge.enabled]).toEqual(['/var/lib/sluice', /mapper|path/.test(name)]);
      if (name === 'gateway-mapper') expect(kubeedge.socket).toBe('/run/kubeedge-dmi/sluice.sock');
    }
  });

  test.each(values)('%s runs with no right that it was not given', (name) => {
    for (const pod of pods(render(chartOf(name), name))) {
      const mapper = name === 'gateway-mapper';
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext.seccompProfile.type).toBe('RuntimeDefault');
      expect(pod.hostPID ?? pod.hostIPC ?? false).toBe(false);
      if (!(mapper && pod.restartPolicy === undefined)) {
        expect(pod.securityContext.runAsNonRoot).toBe(true);
        expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
      }
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
        const { securityContext: may } = container;
        expect(may.readOnlyRootFilesystem).toBe(true);
        expect(container.resources.limits.memory).toBeDefined();
        if (name === 'gateway-path' && container.name === 'gateway') continue;
        expect(may.privileged ?? false).toBe(false);
        expect(may.allowPrivilegeEscalation).toBe(false);
        expect(may.capabilities.drop).toEqual(['ALL']);
        expect(may.capabilities.add).toEqual(container.name === 'folder' ? ['CHOWN', 'DAC_READ_SEARCH'] : undefined);
      }
    }
  });

  test('no secret stands in what is rendered: they are named, and read where they are', () => {
    const all = render('hub', 'hub-full');
    expect(all.map(({ kind }) => kind)).not.toContain('Secret');
    const [init] = podOf(ofKind(all, 'Deployment')).initContainers;
    expect(init.command.at(-1)).toContain('install -m 0600');
  });

  test('a policy lets in who is named and helm test, and out to DNS and what is named', () => {
    const all = render('hub', 'hub-full');
    const { ingress, egress } = ofKind(all, 'NetworkPolicy').spec;
    const { labels } = ofKind(all, 'Pod').metadata;
    expect(ingress).toHaveLength(2);
    for (const { from } of ingress) expect(from.at(-1).podSelector.matchLabels).toEqual(labels);
    expect(ingress[1].from[0]).toEqual({ ipBlock: { cidr: '10.0.0.0/8' } });
    expect(egress.map(({ ports }: { ports: { port: number }[] }) => ports[0]?.port)).toEqual([53, 443]);
    expect(ofKind(render('hub', 'hub-small'), 'NetworkPolicy').spec.egress).toHaveLength(1);
  });

  test('one of each, and the old one ends first', () => {
    for (const name of ['hub-small', 'gateway-small']) {
      const { spec } = ofKind(render(chartOf(name), name), 'Deployment');
      expect([spec.replicas, spec.strategy.type]).toEqual([1, 'Recreate']);
    }
  });

  test('a gateway belongs to the edge: label, node, toleration, autonomy, upgrades held by choice', () => {
    const { spec } = ofKind(render('gateway', 'gateway-serial'), 'Deployment');
    expect(spec.template.metadata.labels['app-offline.kubeedge.io']).toBe('autonomy');
    expect(spec.template.metadata.annotations['edge.kubeedge.io/hold-upgrade']).toBe('true');
    expect(spec.template.spec.nodeSelector).toEqual({
      'node-role.kubernetes.io/edge': '',
      'kubernetes.io/hostname': 'edge-1',
    });
    expect(spec.template.spec.tolerations[0].key).toBe('node-role.kubernetes.io/edge');
    expect(spec.template.spec.hostNetwork).toBe(true);
    expect(spec.template.spec.containers[0].resources.limits['squat.ai/serial']).toBe(1);
    const small = ofKind(render('gateway', 'gateway-small'), 'Deployment');
    expect(small.spec.template.metadata.annotations['edge.kubeedge.io/hold-upgrade']).toBeUndefined();
  });

  test.each(['gateway-small', 'gateway-path', 'gateway-serial', 'gateway-mapper'])(
    '%s may mend its journal for 15 min, and counts as there once it has stayed',
    (name) => {
      const { spec } = ofKind(render('gateway', name), 'Deployment');
      const [{ startupProbe, livenessProbe, readinessProbe }] = spec.template.spec.containers;
      const startsWithin = startupProbe.periodSeconds * startupProbe.failureThreshold;
      expect(startsWithin).toBe(900);
      expect(livenessProbe.initialDelaySeconds).toBeUndefined();
      expect(spec.minReadySeconds).toBeGreaterThanOrEqual(30);
      expect(spec.progressDeadlineSeconds).toBeGreaterThan(startsWithin + spec.minReadySeconds);
      const howOf = ({ httpGet, exec }: { httpGet?: object; exec?: object }) => httpGet ?? exec;
      expect(howOf(livenessProbe)).toBeDefined();
      expect([howOf(startupProbe), howOf(readinessProbe)]).toEqual([howOf(livenessProbe), howOf(livenessProbe)]);
    },
  );

  test('the probe, helm test and the gateway mean the same port', () => {
    const all = render('gateway', 'gateway-serial');
    const [container] = podOf(ofKind(all, 'Deployment')).containers;
    expect(container.livenessProbe.httpGet).toEqual({ host: '127.0.0.1', path: '/healthz', port: 18081 });
    expect(container.env[0].value).toBe('http://127.0.0.1:18081/healthz');
    expect(podOf(ofKind(all, 'Pod')).containers[0].env).toContainEqual({
      name: 'STATUS',
      value: 'http://127.0.0.1:18081',
    });
    expect(ofKind(all, 'ConfigMap').data['gateway.yaml']).toContain('listen: 127.0.0.1:18081');
  });

  test('who is given a hub and no token is told that the gateway must be enrolled', () => {
    const notes = (values: string) =>
      run('helm', ['install', 'r', 'deploy/charts/gateway', '--dry-run=client', '-f', valuesFile(values)]).out;
    expect(notes('gateway-mapper')).toContain('It must be enrolled already, with its certificate in /var/lib/sluice');
    expect(notes('gateway-small')).toContain('kubectl delete secret seoul-plant-1-join');
    expect(notes('gateway-path')).toContain('It has no hub');
  });

  test('names that look like numbers stay names', () => {
    const { code, out, err } = template('gateway', 'gateway-path', 'gateway="12"', 'nodeName="20240017"');
    expect(code, err).toBe(0);
    expect(ofKind(manifests(out), 'Deployment').spec.template.spec.nodeSelector['kubernetes.io/hostname']).toBe(
      '20240017',
    );
    expect(ofKind(manifests(out), 'PodMonitor').spec.podMetricsEndpoints[0].relabelings[0].replacement).toBe('12');
  });

  test.each([
    ['"edge-1"', { 'kubernetes.io/hostname': 'edge-1' }],
    ['""', undefined],
  ])('without the label of the edge it goes to the node %s', (nodeName, selector) => {
    const more = ['nodeSelector={"node-role.kubernetes.io/edge":null}', `nodeName=${nodeName}`];
    for (const pod of pods(render('gateway', 'gateway-small', ...more))) expect(pod.nodeSelector).toEqual(selector);
  });

  test('a mapper sees the folder of the socket under the name that it has on the node, and has uid 0 without capabilities', () => {
    const pod = podOf(ofKind(render('gateway', 'gateway-mapper'), 'Deployment'));
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: false, runAsUser: 0 });
    expect(pod.volumes).toContainEqual({ name: 'dmi', hostPath: { path: '/run/kubeedge-dmi', type: 'Directory' } });
    expect(pod.containers[0].volumeMounts).toContainEqual({ name: 'dmi', mountPath: '/run/kubeedge-dmi' });
  });
});

describeWith('kubeconform', 'schemas', () => {
  test.each(values)('%s renders what Kubernetes takes', (name) => {
    const { out } = template(chartOf(name), name);
    const { code, out: said, err } = validate(out);
    expect(code, said + err).toBe(0);
  });

  test('and what it does not take is found', () => {
    const { out } = template('hub', 'hub-small');
    expect(validate(out.replace('strategy: { type: Recreate }', 'strategie: { type: Recreate }')).code).not.toBe(0);
    expect(validate(out.replace('kind: Service\n', 'kind: Servise\n')).code).not.toBe(0);
  });
});

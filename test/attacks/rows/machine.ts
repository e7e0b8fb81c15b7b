import { chmodSync, cpSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { pickPorts } from '../../e2e/ports.ts';
import { pause } from '../../e2e/site.ts';
import { hubYaml } from '../../e2e/site-config.ts';
import { sluice } from '../../e2e/sluice-process.ts';
import { type Attempt, type Row, refused, succeeded } from '../attempt.ts';
import type { World } from '../world.ts';

/** Addresses on which a process listens [proc(5), net/tcp]: state 0A, of sockets that it holds. */
function listeners(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))];
    } catch {
      return [];
    }
  });
  const held = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((cells) => cells[3] === '0A' && held.has(cells[9]))
      .map((cells) => cells[1] ?? ''),
  );
}

/** 127.x.x.x and ::1, as the kernel writes them. */
const LOOPBACK = /^(.{6}7F:|0{24}01000000:)/;

export const sockets: Row = {
  name: 'machine',
  async run(world) {
    const found: Attempt[] = [];
    for (const [what, pid] of [
      ['the gateway', world.gateway.pid],
      ['the hub of this run', world.hub.pid],
    ] as const) {
      const all = listeners(pid);
      const open = all.filter((address) => !LOOPBACK.test(address));
      const name = `${what} from another machine`;
      found.push(
        open.length === 0 && all.length > 0
          ? refused(name, `${all.length} listeners, all on loopback`)
          : succeeded(name, `${all.length} listeners, beyond loopback: ${open.join(', ')}`),
      );
    }
    return [...found, ...(await eventBus(world)), ...modes(world)];
  },
};

/** Programs on the gateway read what it measures, and write nothing. */
async function eventBus(world: World): Promise<Attempt[]> {
  const connect = async (more: object = {}) => {
    const client = mqtt.connect(`mqtt://127.0.0.1:${world.busPort}`, { reconnectPeriod: 0, ...more });
    client.on('error', () => {});
    await new Promise<void>((resolve) => {
      client.once('connect', () => resolve());
      client.once('close', () => resolve());
    });
    return client;
  };
  const reader = await connect();
  const seen: string[] = [];
  reader.on('message', (_, payload) => seen.push(payload.toString()));
  await reader.subscribeAsync('sluice/#');
  for (const topic of ['sluice/meter/power', 'sluice/meter/power/set', '$SYS/x', 'x']) {
    const writer = await connect({
      will: { topic: 'sluice/meter/status', payload: Buffer.from('evil'), qos: 0, retain: true },
    });
    writer.publish(topic, 'evil', { retain: true, qos: 1 });
    await pause(100);
    writer.stream?.destroy();
  }
  await pause(300);
  const isFooled = seen.some((text) => text.includes('evil'));
  reader.end(true);
  const what = 'writing to the event bus, by messages and last wills';
  return [
    isFooled
      ? succeeded(what, 'a reader got it')
      : refused(what, `no reader got any of it; ${seen.length} readings came`),
  ];
}

function modes(world: World): Attempt[] {
  const mode = (path: string) => statSync(path).mode & 0o777;
  const files = [
    ...['hub/control.sock', 'hub/ca/ca.key', 'hub/archive.duckdb', 'gateway/identity/gateway.key'],
    ...['gateway/control.sock'],
  ];
  const wrong = files.filter((name) => (mode(join(world.dir, name)) & 0o077) !== 0);
  const folders = ['hub', 'gateway'].filter((name) => (mode(join(world.dir, name)) & 0o077) !== 0);
  const what = 'another user of the machine at sockets, keys, archive and journal';
  const all = [...wrong, ...folders];
  return [all.length === 0 ? refused(what, 'all are for their owner alone') : succeeded(what, all.join(', '))];
}

/** Secrets that others can read are used by nobody: the process says so and does not start. */
export const exposed: Row = {
  name: 'machine',
  isLong: true,
  async run(world) {
    const copy = join(world.dir, 'exposed');
    cpSync(join(world.gatewayDir, 'identity'), join(copy, 'identity'), { recursive: true });
    chmodSync(join(copy, 'identity', 'gateway.key'), 0o644);
    const gateway = join(world.dir, 'exposed.yaml');
    const text = readFileSync(join(world.dir, 'gateway.yaml'), 'utf8');
    const [http = 0, bus = 0, page = 0, mqttPort = 0] = await pickPorts(4);
    writeFileSync(
      gateway,
      text
        .replace(/dataDir: .*/, `dataDir: ${copy}`)
        .replace(/http: .*/, `http: { listen: 127.0.0.1:${http} }`)
        .replace(/eventBus: .*/, `eventBus: { listen: 127.0.0.1:${bus} }`),
    );
    const hubOf = (name: string, more: string) => {
      const dataDir = join(world.dir, name);
      const file = `${dataDir}.yaml`;
      const yaml = hubYaml({ dataDir, http: page, mqtt: mqttPort });
      writeFileSync(file, yaml.replace(`127.0.0.1:${page}`, `127.0.0.1:${page}${more}`));
      return file;
    };
    const open = hubOf('open-ca', '');
    cpSync(join(world.hubDir, 'ca'), join(world.dir, 'open-ca', 'ca'), { recursive: true });
    chmodSync(join(world.dir, 'open-ca', 'ca', 'ca.key'), 0o640);
    const key = join(world.dir, 'page.key');
    cpSync(join(world.hubDir, 'ca', 'ca.key'), key);
    chmodSync(key, 0o644);
    const tls = hubOf('open-tls', `, tls: { cert: ${world.hubDir}/ca/ca.crt, key: ${key} }`);
    return [
      await refusesToStart("a gateway's key that others can read", 'gateway', gateway),
      await refusesToStart("a CA's key that the group can read", 'hub', open),
      await refusesToStart("a page's key that others can read", 'hub', tls),
    ];
  },
};

async function refusesToStart(what: string, verb: string, file: string): Promise<Attempt> {
  const ended = await sluice(verb, '-c', file);
  const said = ended.lines.find((line) => /mode 6\d\d/.test(line)) ?? '';
  return ended.code !== 0 && ended.code !== null && said !== ''
    ? refused(what, said.slice(0, 120))
    : succeeded(what, `exit ${ended.code} ${ended.text.slice(-200)}`);
}

/** The last row: everything that was a secret in the others, looked for in what both processes have said and recorded. */
export const secrets: Row = {
  name: 'logs',
  async run(world) {
    const { text: audit } = await world.as('admin', '/api/v1/audit/export?format=ndjson');
    const { text: metrics } = await world.ask('/metrics');
    const key = readFileSync(join(world.gatewayDir, 'identity', 'gateway.key'), 'utf8').split('\n')[1] ?? '';
    const caKey = readFileSync(join(world.hubDir, 'ca', 'ca.key'), 'utf8').split('\n')[1] ?? '';
    const all = [...world.secrets, key, caKey].filter((secret) => secret.length >= 8);
    // The code is printed once, for whoever runs the hub: that is how it gets to its owner.
    const places = {
      'log of the hub': hubLog(world),
      'log of the gateway': world.gateway.text,
      'audit log': audit,
      metrics,
    };
    return Object.entries(places).map(([place, text]) => {
      const told = all.filter((secret) => text.includes(secret));
      const what = `${all.length} passwords, keys, tokens, cookies in the ${place} (${Math.round(text.length / 1024)} kB)`;
      return told.length === 0
        ? refused(what, 'none is there')
        : succeeded(what, `${told.length} are: ${told[0]?.slice(0, 6)}…`);
    });
  },
};

function hubLog(world: World): string {
  return world.hub.lines.filter((line) => !line.includes('/#/setup?code=')).join('\n');
}

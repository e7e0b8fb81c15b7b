import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../cli/demo/free-ports.ts';
import { type Identity, saveIdentity } from '../../cloud-sync/edge-hub/identity.ts';
import { systemClock } from '../../core/clock.ts';
import { packageRoot } from '../../core/package-root.ts';
import { EdgeCore } from '../partners/kubeedge/edge-core.ts';
import { chrootCommand, debianRoot, type InChroot, nodeRoot } from './chroot.ts';
import { buildImage, type Image, identityOf } from './chroot-image.ts';

/** The image of Dockerfile.arm64, for this machine's processor. */
export function imageIn(work: string, purpose: 'gateway' | 'all' = 'gateway'): Image {
  return buildImage({
    dockerfile: readFileSync(join(packageRoot, 'Dockerfile.arm64'), 'utf8'),
    dockerignore: readFileSync(join(packageRoot, '.dockerignore'), 'utf8'),
    context: packageRoot,
    args: { ARCH: 'amd64', NODE: 'node', BASE: 'debian', FOR: purpose },
    images: { node: nodeRoot(), debian: debianRoot() },
    work,
  });
}

export interface Given {
  /** Besides its name and its port. */
  readonly config: string;
  /** A folder for what outlives the gateway. */
  readonly work: string;
  /** Beside an EdgeCore that is played: as uid 0 without any right, since its socket is root's. Says what is in the list of objects. */
  readonly kubeedge?: (edgeCore: EdgeCore) => void;
  /** That it has joined; as `g`. */
  readonly hub?: JoinedHub;
}

export interface JoinedHub {
  readonly url: string;
  readonly identity: Identity;
}

const HEALTHY_WITHIN_MS = 60_000;

/** A gateway in its image as an engine runs it: read-only root, no capability, nothing writable but the volume. */
export class GatewayInImage {
  readonly url: string;
  readonly volume: string;
  readonly who: { readonly uid: number; readonly gid: number; readonly groups: number[] };
  readonly edgeCore: EdgeCore | undefined;
  readonly #image: Image;
  readonly #inside: InChroot;
  #process: ChildProcess | undefined;
  #said = '';

  private constructor(image: Image, { config, work, kubeedge, hub }: Given, port: number) {
    const site = mkdtempSync(join(work, 'site-'));
    chmodSync(site, 0o755);
    const [volume, dmi, file] = [join(site, 'volume'), join(site, 'dmi'), join(site, 'gateway.yaml')];
    for (const folder of [volume, dmi]) mkdirSync(folder);
    this.who = kubeedge ? { uid: 0, gid: 0, groups: [20] } : identityOf(image);
    chownSync(volume, this.who.uid, this.who.gid);
    if (kubeedge) {
      this.edgeCore = new EdgeCore(join(dmi, 'dmi.sock'));
      kubeedge(this.edgeCore);
    }
    const more = kubeedge
      ? 'kubeedge: { enabled: true, dmiSocket: /run/kubeedge-dmi/dmi.sock, socket: /run/kubeedge-dmi/sluice.sock }\n'
      : '';
    const link = hub ? `hub: { url: ${hub.url} }\n` : '';
    writeFileSync(file, `gateway: g\nhttp: { listen: 127.0.0.1:${port} }\neventBus: false\n${link}${more}${config}`);
    this.url = `http://127.0.0.1:${port}`;
    this.volume = volume;
    this.#image = image;
    this.#inside = {
      ...this.who,
      readOnly: true,
      binds: [
        [volume, image.volumes[0] as string],
        [file, '/etc/sluice/gateway.yaml', 'ro'],
        ...(kubeedge ? [[dmi, '/run/kubeedge-dmi'] as const] : []),
      ],
      env: { ...image.env, SLUICE_HEALTH_URL: `${this.url}/healthz` },
    };
  }

  /** @throws Error with what it said, if its health check does not pass */
  static async start(image: Image, given: Given): Promise<GatewayInImage> {
    const [port = 0] = await freePorts(1);
    const gateway = new GatewayInImage(image, given, port);
    if (gateway.health() === 0) throw new Error('healthy before it runs');
    await gateway.edgeCore?.start();
    if (given.hub) await gateway.#join(given.hub);
    await gateway.#start();
    return gateway;
  }

  /** What the image's health check ends with. */
  health(): number | null {
    const [program = '', ...args] = chrootCommand(this.#image.root, this.#image.healthcheck, this.#inside);
    return spawnSync(program, args).status;
  }

  async #join({ identity }: JoinedHub): Promise<void> {
    await saveIdentity(this.volume, identity);
    const folder = join(this.volume, 'identity');
    for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))])
      chownSync(path, this.who.uid, this.who.gid);
  }

  async #start(): Promise<void> {
    const command = [...this.#image.entrypoint, ...this.#image.command];
    const [program = '', ...args] = chrootCommand(this.#image.root, command, this.#inside);
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    child.stderr.on('data', (bytes: Buffer) => {
      this.#said += bytes.toString('utf8');
    });
    const end = performance.now() + HEALTHY_WITHIN_MS;
    while (this.health() !== 0) {
      if (child.exitCode !== null || performance.now() > end) throw new Error(this.#said);
      await systemClock.sleep(100);
    }
  }

  /** Of its process, as the kernel tells it. */
  get status(): string {
    return readFileSync(`/proc/${this.#process?.pid}/status`, 'utf8');
  }

  get rssMb(): number {
    return (Number(/VmRSS:\s+(\d+) kB/.exec(this.status)?.[1]) * 1024) / 1e6;
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  /** Its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#process;
    if (child === undefined) return null;
    child.kill('SIGTERM');
    const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once('exit', resolve)));
    this.edgeCore?.stop();
    return code;
  }
}

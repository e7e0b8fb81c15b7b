import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chrootCommand, must, registryAccess } from './chroot.ts';
import { expand, isIgnored, type Step, stepsOf } from './dockerfile-steps.ts';

export interface ImageSource {
  readonly dockerfile: string;
  readonly dockerignore: string;
  /** What COPY copies from. */
  readonly context: string;
  /** Build arguments. */
  readonly args: Readonly<Record<string, string>>;
  /** By name of an image: a folder with its files, which is copied. */
  readonly images: Readonly<Record<string, string>>;
  /** An empty folder; each stage becomes a folder in it. */
  readonly work: string;
}

export interface Image {
  readonly root: string;
  readonly env: Record<string, string>;
  user: string;
  volumes: string[];
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

interface Stage extends Image {
  readonly values: Record<string, string>;
  cwd: string;
}

/** Carries out the steps of a Dockerfile in folders, each RUN in a chroot: what an engine does, without layers. The last stage. */
export function buildImage(source: ImageSource): Image {
  const defaults: Record<string, string> = {};
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const step of stepsOf(source.dockerfile)) {
    if (step.keyword === 'FROM') {
      const words = expand(step.rest, { ...defaults, ...source.args })
        .split(/\s+/)
        .filter((word) => !word.startsWith('--'));
      stage = begin(source, words[0] as string, `stage-${stages.size}`);
      stages.set(words[2] ?? `${stages.size}`, stage);
    } else if (stage === undefined) {
      const [name = '', value = ''] = step.rest.split('=');
      defaults[name] = value;
    } else carryOut(step, { source, defaults, stages, stage });
  }
  if (stage === undefined) throw new Error('no stage');
  return stage;
}

function begin({ images, work }: ImageSource, image: string, name: string): Stage {
  const from = images[image];
  if (from === undefined) throw new Error(`no image ${image}`);
  const root = join(work, name);
  mkdirSync(root);
  must('cp', '-a', `${from}/.`, root);
  const none = { volumes: [], entrypoint: [], command: [], healthcheck: [] };
  return { root, env: {}, values: {}, user: '0', cwd: '/', ...none };
}

interface Site {
  readonly source: ImageSource;
  readonly defaults: Readonly<Record<string, string>>;
  readonly stages: ReadonlyMap<string, Stage>;
  readonly stage: Stage;
}

function carryOut({ keyword, rest }: Step, { source, defaults, stages, stage }: Site): void {
  const text = expand(rest, { ...stage.values, ...stage.env });
  switch (keyword) {
    case 'ARG': {
      const [name = '', value = ''] = rest.split('=');
      stage.values[name] = source.args[name] ?? (value || (defaults[name] ?? ''));
      return;
    }
    case 'ENV':
      for (const [, name = '', value = ''] of text.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
      return;
    case 'WORKDIR':
      stage.cwd = text;
      mkdirSync(join(stage.root, text), { recursive: true });
      return;
    case 'COPY':
      copy(text, { source, stages, stage });
      return;
    case 'RUN': {
      const { binds, env } = registryAccess();
      const inside = { binds: binds ?? [], cwd: stage.cwd, env: { ...env, ...stage.values, ...stage.env } };
      const [program = '', ...args] = chrootCommand(stage.root, ['sh', '-c', rest], inside);
      must(program, ...args);
      return;
    }
    case 'USER':
      stage.user = text;
      return;
    case 'VOLUME':
      stage.volumes.push(text);
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(text) as string[];
      return;
    case 'CMD':
      stage.command = JSON.parse(text) as string[];
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(text.replace(/^.*?CMD\s+/, '')) as string[];
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`${keyword} is not known here`);
  }
}

function copy(text: string, { source, stages, stage }: Omit<Site, 'defaults'>): void {
  const words = text.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.pop() as string;
  const base = from === undefined ? source.context : (stages.get(from)?.root ?? '');
  for (const path of paths) {
    const isFolder = statSync(join(base, path)).isDirectory();
    // A folder's content goes into the target; a file goes in under its name if the target is a folder.
    const to = join(stage.root, target.startsWith('/') ? target : join(stage.cwd, target));
    const into = isFolder || !/(\/|^\.)$/.test(target) ? to : join(to, path);
    mkdirSync(dirname(into), { recursive: true });
    if (from !== undefined || !isFolder) cpSync(join(base, path), into, { recursive: true, verbatimSymlinks: true });
    else copyContext(source, into);
  }
}

function copyContext({ context, dockerignore }: ImageSource, into: string): void {
  for (const name of readdirSync(context, { withFileTypes: true })) {
    if (['.git', 'node_modules', 'dist'].includes(name.name)) continue;
    const rules = (path: string) => {
      const inside = path.slice(context.length + 1);
      return statSync(path).isDirectory() || !isIgnored(inside, dockerignore);
    };
    cpSync(join(context, name.name), join(into, name.name), { recursive: true, filter: rules });
  }
}

/** Bytes of all files of a folder, each counted once. */
export function bytesOf(folder: string): number {
  return Number(must('du', '-sb', folder).split('\t')[0]);
}

/** Users and groups by the image's own tables, as an engine looks them up for a number. */
export function identityOf({ root, user }: Image): { uid: number; gid: number; groups: number[] } {
  const table = (name: string) =>
    readFileSync(join(root, 'etc', name), 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  const [name = '', , uid, gid] = table('passwd').find((row) => row[2] === user || row[0] === user) ?? [];
  const groups = table('group').filter((row) => row[3]?.split(',').includes(name));
  return { uid: Number(uid), gid: Number(gid), groups: groups.map((row) => Number(row[2])) };
}

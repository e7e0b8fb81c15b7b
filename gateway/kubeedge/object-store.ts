import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../../core/log.ts';
import { replaceSynced } from '../../core/synced-files.ts';
import { type KubeDevice, type KubeModel, kubeDeviceSchema, kubeModelSchema } from './objects.ts';

const objectsSchema = z.object({ devices: z.array(z.unknown()), models: z.array(z.unknown()) });

export interface StoredObjects {
  readonly devices: readonly KubeDevice[];
  readonly models: readonly KubeModel[];
}

/** The objects that EdgeCore gave last: a gateway that starts while EdgeCore is away reads the same devices. */
export class ObjectStore {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  static async open(dataDir: string): Promise<ObjectStore> {
    const folder = join(dataDir, 'meta');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new ObjectStore(join(folder, 'kubeedge.json'));
  }

  /** Nothing, if the file is not there or not understood, and not those objects of it that are not: EdgeCore gives them again. */
  async load(log: Log): Promise<StoredObjects> {
    try {
      const { devices, models } = objectsSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
      const sound = { devices: soundOf(devices, kubeDeviceSchema), models: soundOf(models, kubeModelSchema) };
      const lost = devices.length + models.length - sound.devices.length - sound.models.length;
      if (lost > 0)
        log.error({ file: this.#file, lost }, 'objects of KubeEdge are lost until EdgeCore gives them again');
      return sound;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.error(
          { file: this.#file, error: String(error) },
          'the devices of KubeEdge are lost until EdgeCore gives them again',
        );
      return { devices: [], models: [] };
    }
  }

  /** On the disk when it resolves. One call at a time. */
  save(objects: StoredObjects): Promise<void> {
    return replaceSynced(this.#file, `${JSON.stringify(objects)}\n`);
  }
}

function soundOf<T>(all: readonly unknown[], schema: z.ZodType<T>): T[] {
  return all.flatMap((one) => schema.safeParse(one).data ?? []);
}

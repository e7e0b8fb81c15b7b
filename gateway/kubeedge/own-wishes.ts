import type { DeviceState } from '../intake.ts';
import type { KubeEntry } from './kube-plant.ts';
import { ownWants } from './own-devices.ts';
import type { Want } from './wanted.ts';

export interface OwnWishesDeps {
  readonly devices: () => ReadonlyMap<string, DeviceState>;
  readonly entries: () => readonly KubeEntry[];
  readonly namespace: string;
}

/** What EdgeCore says is wanted of the gateway's own devices; Device objects say it of theirs. */
export class OwnWishes {
  readonly #deps: OwnWishesDeps;
  readonly #wants = new Map<string, Want>();
  readonly #problems = new Map<string, string>();

  constructor(deps: OwnWishesDeps) {
    this.#deps = deps;
  }

  get wants(): readonly Want[] {
    return [...this.#wants.values()];
  }

  /** By `namespace/name`, of what means nothing. */
  get problems(): ReadonlyMap<string, string> {
    return this.#problems;
  }

  /** Whether anything is wanted of a device that is ours. */
  take(id: string, wanted: Readonly<Record<string, string>>): boolean {
    const { devices, entries, namespace } = this.#deps;
    const found = ownWants(id, wanted, { devices: devices(), entries: entries(), namespace });
    if (found === undefined) return false;
    if (found.problem === undefined) this.#problems.delete(id);
    else this.#problems.set(id, found.problem);
    for (const want of found.wants) this.#wants.set(want.point, want);
    return found.wants.length > 0;
  }
}

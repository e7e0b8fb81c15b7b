import { NAME, RESERVED_NAMES } from '../../core/reading.ts';

const LONGEST = 63;

/** Names of ours made of any text, each once. */
export class Names {
  readonly #taken = new Set<string>();

  /** For `wanted`; where that is taken with `before` in front, and then with a number behind. */
  take(wanted: string, before = ''): string {
    const name = this.#free([toName(wanted), toName(`${before} ${wanted}`)]);
    this.#taken.add(name);
    return name;
  }

  #free(candidates: readonly string[]): string {
    const found = candidates.find((name) => this.#isFree(name));
    if (found !== undefined) return found;
    for (let n = 2; ; n++) {
      const name = `${(candidates[0] ?? '').slice(0, LONGEST - 5)}-${n}`;
      if (this.#isFree(name)) return name;
    }
  }

  #isFree(name: string): boolean {
    return NAME.test(name) && !RESERVED_NAMES.includes(name) && !this.#taken.has(name);
  }
}

/** `Temp. Zuluft [1]` becomes temp-zuluft-1, `ThermostatL` thermostat-l; a text without a Latin letter or digit becomes `point`. */
export function toName(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, LONGEST);
  return plain === '' ? 'point' : plain;
}

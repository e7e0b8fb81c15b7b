import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument, YAMLMap, YAMLSeq } from 'yaml';
import { type Problem, SettingsFault } from '../../core/settings.ts';
import { readYaml } from '../../core/yaml-text.ts';

type Given = Readonly<Record<string, unknown>>;

/** Lists whose entries have a name: a change says which entry it means, wherever in the list that stands. */
const KEYED: Readonly<Record<string, string>> = { channels: 'name', devices: 'name', alarms: 'id' };
const LISTS = ['channels', 'devices'] as const;
const BY_PROFILE = 'profile:';
const MOST_BYTES = 64 * 1024;

/** A change of a configuration, the same for many gateways whose configurations differ. See docs/remote-configuration.md. */
export interface Change {
  readonly channels: Given;
  readonly devices: Given;
}

/** Throws SettingsFault with what is wrong, by line. */
export function readChange(text: string): Change {
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw new SettingsFault([problem(1, '', `is larger than ${MOST_BYTES} bytes`)]);
  const read = readYaml(text);
  if ('problems' in read) throw new SettingsFault(read.problems.map(({ line, message }) => problem(line, '', message)));
  const { raw, lineOf } = read;
  const form = 'expected `channels:` and `devices:`, each with names below';
  if (!isGiven(raw)) throw new SettingsFault([problem(1, '', form)]);
  const problems = Object.entries(raw).flatMap(([key, entries]) => {
    const line = lineOf([key]);
    if (!(LISTS as readonly string[]).includes(key))
      return [{ ...problem(line, key, `unknown key \`${key}\``), suggestion: form }];
    if (!isGiven(entries))
      return [problem(line, key, 'is changed by name: `NAME: { … }`, or `NAME: null` to remove one')];
    return Object.entries(entries).flatMap(([name, entry]) => {
      if (entry === null) return [];
      if (!isGiven(entry))
        return [problem(lineOf([key, name]), `${key}.${name}`, 'expected keys, or null to remove it')];
      return 'name' in entry
        ? [problem(lineOf([key, name, 'name']), `${key}.${name}.name`, 'an entry keeps its name')]
        : [];
    });
  });
  if (problems.length > 0) throw new SettingsFault(problems);
  const { channels = {}, devices = {} } = raw as Partial<Change>;
  if (Object.keys(channels).length + Object.keys(devices).length === 0)
    throw new SettingsFault([problem(1, '', 'changes nothing')]);
  return { channels, devices };
}

/**
 * A configuration after the change: a JSON merge patch [RFC 7396] in which lists of named entries are maps by name. What it does not
 * speak of stays, comments and order too; the very text where nothing changes. Throws SettingsFault if the text is no YAML.
 */
export function withChange(text: string, change: Change): string {
  const document: Document = parseDocument(text, { schema: 'core', stringKeys: true });
  if (document.errors.length > 0)
    throw new SettingsFault(document.errors.map(({ message }) => problem(1, '', message.split('\n', 1)[0] ?? '')));
  if (!isMap(document.contents)) document.contents = document.createNode({});
  const merge = new Merge(document);
  for (const key of LISTS) {
    if (Object.keys(change[key]).length > 0) merge.list(document.contents as YAMLMap, key, change[key]);
  }
  return merge.hasChanged ? document.toString({ lineWidth: 0 }) : text;
}

class Merge {
  hasChanged = false;
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  /** Entries of the list at `key`, which is made if there is something to put in. */
  list(parent: YAMLMap, key: string, entries: Given): void {
    const found = this.#own(parent.get(key, true));
    const list = isSeq(found) ? found : new YAMLSeq();
    for (const [name, patch] of Object.entries(entries)) this.#entry(list, { key, name, patch });
    if (list === found || list.items.length === 0) return;
    parent.set(key, list);
    this.hasChanged = true;
  }

  #entry(
    list: YAMLSeq,
    { key, name, patch }: { readonly key: string; readonly name: string; readonly patch: unknown },
  ) {
    const by = KEYED[key] as string;
    const meant = list.items.map((_, i) => i).filter((i) => isMeant(list.get(i, true), by, name));
    if (patch === null) {
      for (const i of meant.reverse()) list.delete(i);
      this.hasChanged ||= meant.length > 0;
      return;
    }
    for (const i of meant) {
      const item = this.#own(list.items[i]);
      if (isMap(item)) this.#map(item, patch as Given);
      list.items[i] = item;
    }
    if (meant.length > 0 || isPattern(name)) return;
    list.add(this.#document.createNode({ [by]: name, ...withoutNull(patch as Given) }, { flow: true }));
    this.hasChanged = true;
  }

  #map(map: YAMLMap, patch: Given): void {
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) this.hasChanged = map.delete(key) || this.hasChanged;
      else if (!isGiven(value)) this.#value(map, key, value);
      else if (KEYED[key] !== undefined) this.list(map, key, value);
      else this.#map(this.#mapAt(map, key), value);
    }
  }

  #value(map: YAMLMap, key: string, value: unknown): void {
    const found = map.get(key, true);
    if (found !== undefined && isSame(this.#plain(found), value)) return;
    // A plain value in the place of one keeps the comment beside it.
    map.set(key, isScalar(found) && !Array.isArray(value) ? value : this.#document.createNode(value));
    this.hasChanged = true;
  }

  #mapAt(map: YAMLMap, key: string): YAMLMap {
    const found: unknown = map.get(key, true);
    const own = this.#own(found);
    if (isMap(own)) {
      if (own !== found) map.set(key, own);
      return own;
    }
    const made = new YAMLMap();
    made.flow = true;
    map.set(key, made);
    this.hasChanged = true;
    return made;
  }

  /** What stands for something elsewhere gets a copy of its own: the change means this place only. */
  #own(node: unknown): unknown {
    return isAlias(node) ? this.#document.createNode(this.#plain(node)) : node;
  }

  #plain(node: unknown): unknown {
    return (node as { toJS(document: Document): unknown }).toJS(this.#document);
  }
}

/** By its name; `*` stands for any letters; `profile:…` means every entry with such a profile. */
function isMeant(item: unknown, by: string, name: string): boolean {
  if (!isMap(item)) return false;
  const isByProfile = name.startsWith(BY_PROFILE);
  const held = item.get(isByProfile ? 'profile' : by);
  return typeof held === 'string' && matches(held, isByProfile ? name.slice(BY_PROFILE.length) : name);
}

function isPattern(name: string): boolean {
  return name.startsWith(BY_PROFILE) || name.includes('*');
}

/** Part by part from the left, the last from the right: no expression that a text could keep busy. */
function matches(held: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return held === pattern;
  if (!held.startsWith(first) || !held.endsWith(last) || held.length < first.length + last.length) return false;
  let rest = held.slice(first.length, held.length - last.length);
  for (const part of parts.slice(1, -1)) {
    const at = rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
  }
  return true;
}

function withoutNull(value: Given): Given {
  const kept = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(
    kept.map(([key, each]) => {
      if (!isGiven(each)) return [key, each];
      const by = KEYED[key];
      if (by === undefined) return [key, withoutNull(each)];
      const entries = Object.entries(each).filter(([, entry]) => isGiven(entry));
      return [key, entries.map(([name, entry]) => ({ [by]: name, ...withoutNull(entry as Given) }))];
    }),
  );
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isGiven(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problem(line: number, path: string, message: string): Problem {
  return { file: 'change', line, path, message };
}

/** Words of a key whose value is never shown. */
const SECRET_WORDS = new Set(
  'password passwd passphrase pass pwd pw secret secrets token tokens key keys apikey credential credentials auth authorization pin psk cookie community'.split(
    ' ',
  ),
);

/** Secrets that tell by their form what they are. What the first group holds stays. */
const SECRET_FORMS = [
  /()-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g,
  /(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi,
  /(\b(?:Bearer|Basic)\s+)[A-Za-z0-9+/=._~-]{8,}/gi,
  // Our join tokens, and our keys for programs.
  /()\bsluice1\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*/g,
  /()\bslk_[A-Za-z0-9_-]+/g,
  /(\b(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi,
];

/** Texts under these keys are words of ours, even where something of the site has the same name. */
const OUR_WORDS = new Set('driver class type table parity byteOrder unit state trust code fault'.split(' '));

/** Names that say nothing about a site; replaced, they would only make a bundle unreadable. */
const COMMON = new Set('gateway hub sluice plc meter bus line device channel point localhost test demo'.split(' '));

const HIDDEN = '[secret]';
/** A shorter secret stands in too many places by chance: it is left out where it was found, and not searched for. */
const SHORTEST_SEARCHED = 4;

/** Is this the key of a password, token or the like? `apiKey`, `write-password`, `WRITE_PASSWORD`. */
export function isSecretKey(key: string): boolean {
  const words = key.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.split(/[^a-z]+/).some((word) => SECRET_WORDS.has(word));
}

/**
 * Takes out of texts and trees what nobody but the site may read: secrets always; names and addresses if asked to, each replaced by
 * the same stand-in everywhere (`device-2`, `ip-1`), so that a reader can still follow who is who.
 */
export class Redactor {
  readonly #names: boolean;
  readonly #secrets = new Set<string>();
  readonly #standIns = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(options: { readonly names: boolean }) {
    this.#names = options.names;
  }

  /** Whatever is in there is a secret wherever it stands. */
  learnSecret(value: unknown): void {
    if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) this.learnSecret(part);
    else if (value !== null && String(value).length >= SHORTEST_SEARCHED) {
      this.#secrets.add(String(value));
      this.#secrets.add(JSON.stringify(String(value)).slice(1, -1));
      // Of a text in several lines each may be told alone.
      const lines = String(value).split('\n');
      if (lines.length > 1) for (const line of lines) this.learnSecret(line.trim());
    }
  }

  /** @param kind what stands in for it is `kind-1`, `kind-2` … */
  learnName(kind: string, name: unknown): void {
    if (typeof name === 'object' && name !== null) for (const part of Object.values(name)) this.learnName(kind, part);
    else if (typeof name === 'string' && name.trim() !== '' && !COMMON.has(name.toLowerCase()))
      this.#standIn(kind, name);
  }

  text(raw: string): string {
    let text = raw;
    for (const secret of longestFirst(this.#secrets)) text = text.replaceAll(secret, HIDDEN);
    for (const form of SECRET_FORMS) text = text.replace(form, `$1${HIDDEN}`);
    if (!this.#names) return text;
    text = text.replace(URL_HOST, (all, before: string, host: string) =>
      isHere(host) ? all : before + this.#standIn(/^[\d.]+$/.test(host) ? 'ip' : 'host', host),
    );
    if (this.#standIns.size > 0) text = text.replace(this.#pattern(), (name) => this.#standIn('name', name));
    text = text.replace(/(\/home\/)[^/\s"']+/g, '$1user');
    text = text.replace(IPV4, (ip) => (isHere(ip) ? ip : this.#standIn('ip', ip)));
    return text.replace(IPV6, (ip) => (isHere(ip) ? ip : this.#standIn('ip', ip)));
  }

  /** A tree of plain data, keys and all. */
  tree(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return this.#names && !isOurs(key, value) ? this.text(value) : this.#bare(value);
    if (typeof value === 'number' && this.#secrets.has(String(value))) return HIDDEN;
    if (Array.isArray(value)) return value.map((part) => this.tree(part, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [
        this.text(name),
        isSecretKey(name) ? HIDDEN : this.tree(part, name),
      ]),
    );
  }

  /** Without secrets, names as they are. */
  #bare(text: string): string {
    const only = new Redactor({ names: false });
    for (const secret of this.#secrets) only.#secrets.add(secret);
    return only.text(text);
  }

  #standIn(kind: string, name: string): string {
    const known = this.#standIns.get(name.toLowerCase());
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    this.#standIns.set(name.toLowerCase(), `${kind}-${count}`);
    return `${kind}-${count}`;
  }

  #pattern(): RegExp {
    const names = longestFirst(this.#standIns.keys()).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    // Not within a word, and not within the name of a metric, whatever a device is called.
    const before = '(?<![A-Za-z0-9]|\\b(?:sluice|nodejs|process)_\\w*)';
    return new RegExp(`${before}(?:${names.join('|')})(?![A-Za-z0-9])`, 'gi');
  }
}

const URL_HOST = /(\b[a-z][a-z0-9+.-]*:\/\/)([^/\s:"'@[\]]+)/gi;
const IPV4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g;
/** Also addresses of network cards. Times of day have fewer colons. */
const IPV6 = /(?<![\w:])(?=[0-9a-f:]*(?:::|(?::[0-9a-f]*){5}))[0-9a-f]*:[0-9a-f:]+(?![\w:])/gi;

/** This machine, or any. */
function isHere(host: string): boolean {
  return /^(localhost|127\.[\d.]+|0\.0\.0\.0|::1?)$/i.test(host);
}

function isOurs(key: string, value: string): boolean {
  return OUR_WORDS.has(key) && /^[A-Za-z0-9°%/._-]{1,24}$/.test(value);
}

function longestFirst(texts: Iterable<string>): string[] {
  return [...texts].sort((a, b) => b.length - a.length);
}

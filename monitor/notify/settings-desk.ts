import { Fault } from '../../core/faults.ts';
import { localZone } from '../../core/local-time.ts';
import type { Log } from '../../core/log.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { DocumentHead, DocumentStore } from '../documents/document-store.ts';
import type { Channel } from './channels/channel.ts';
import { makeChannels, makeMailer, type Own } from './channels/make-channels.ts';
import { type Kept, keptSchema, merged } from './kept-settings.ts';
import type { SecretFiles } from './secret-files.ts';
import type { Environment } from './secrets.ts';
import type { NotifySettings } from './settings.ts';

export interface SettingsDeskParts {
  /** Of hub.yaml; undefined where it says nothing of notifications. */
  readonly base: NotifySettings | undefined;
  readonly documents: DocumentStore;
  readonly secrets: SecretFiles;
  readonly environment: Environment;
  readonly timeoutMs: number;
  readonly publicUrl?: string | undefined;
  readonly log: Log;
}

type Mailer = Awaited<ReturnType<typeof makeMailer>>;

/** What holds now. */
interface InUse {
  readonly settings: NotifySettings;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly mailer: Mailer;
}

export interface Change {
  /** The version that was changed; 0 for the first. */
  readonly from: number;
  readonly by: string;
  readonly at: UnixMs;
  /** Of the settings as they are; throws what is wrong. */
  readonly edit: (kept: Kept) => Kept;
  /** By name (`receivers.kim.token`). */
  readonly secrets?: Readonly<Record<string, string>>;
}

const KIND = 'notify';
const ID = 'default';
const NOTHING = keptSchema.parse({});

/** Whom to tell: what hub.yaml says, and what people set in the page, as one. */
export class SettingsDesk {
  readonly #parts: SettingsDeskParts;
  #kept: Kept = NOTHING;
  #version = 0;
  #inUse: InUse;
  #problem: string | undefined;
  #follower: (inUse: InUse) => Promise<void> = async () => {};
  /** Changes, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: SettingsDeskParts, inUse: InUse) {
    this.#parts = parts;
    this.#inUse = inUse;
  }

  /** Throws Fault settings-invalid, file-missing for what hub.yaml says; what is kept never stops the hub. */
  static async open(parts: SettingsDeskParts): Promise<SettingsDesk> {
    const { documents, log } = parts;
    const [held] = await documents.all(KIND);
    const { data: kept = NOTHING, error } = keptSchema.safeParse(held?.body ?? {});
    // Better too many are told than none: who is to be told when is what a contradiction costs first.
    const attempts = [kept, { ...kept, roster: {}, escalation: [] }, NOTHING];
    let problem: string | undefined = error?.message;
    for (const attempt of attempts) {
      let settings: NotifySettings;
      try {
        settings = merge(attempt, parts);
      } catch (cause) {
        problem ??= cause instanceof Error ? cause.message : String(cause);
        continue;
      }
      const desk = new SettingsDesk(parts, await make(settings, attempt, parts));
      desk.#kept = kept;
      desk.#version = held?.version ?? 0;
      desk.#problem = problem;
      if (problem !== undefined) log.error({ problem }, 'settings of notifications do not go with hub.yaml');
      return desk;
    }
    throw new Error('hub.yaml does not go with itself');
  }

  get base(): NotifySettings | undefined {
    return this.#parts.base;
  }

  get kept(): Kept {
    return this.#kept;
  }

  get version(): number {
    return this.#version;
  }

  get inUse(): InUse {
    return this.#inUse;
  }

  /** Why what is kept does not hold as it stands. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Told of other settings before a change is answered. */
  follow(follower: (inUse: InUse) => Promise<void>): void {
    this.#follower = follower;
  }

  /** Throws Fault document-changed, request-invalid with every reason, archive-write. What it resolves to holds already. */
  change(change: Change): Promise<void> {
    const turn = this.#turn.then(() => this.#change(change));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #change({ from, by, at, edit, secrets = {} }: Change): Promise<void> {
    const { documents, secrets: files } = this.#parts;
    if (from !== this.#version) throw new Fault('document-changed', `version ${this.#version} was saved meanwhile`);
    const next = edit(this.#kept);
    const settings = merge(next, this.#parts);
    const before = await files.all();
    let inUse: InUse;
    let head: DocumentHead;
    try {
      for (const [name, secret] of Object.entries(secrets)) await files.write(name, secret);
      inUse = await make(settings, next, this.#parts);
      head = await documents.save({ kind: KIND, id: ID, name: 'notify', body: next, from, by, at });
    } catch (error) {
      // What holds goes on with the secrets it had.
      for (const name of Object.keys(secrets)) await files.restore(name, before[name]);
      throw error;
    }
    const gone = this.#kept.secrets.filter((name) => !next.secrets.includes(name));
    for (const name of gone) await files.remove(name);
    this.#kept = next;
    this.#version = head.version;
    this.#problem = undefined;
    this.#inUse = inUse;
    await this.#follower(this.#inUse);
  }
}

function merge(kept: Kept, { base, secrets, publicUrl }: SettingsDeskParts): NotifySettings {
  return merged(kept, { base, folder: secrets.folder, zone: localZone(), publicUrl });
}

async function make(settings: NotifySettings, kept: Kept, parts: SettingsDeskParts): Promise<InUse> {
  const { base, environment, timeoutMs } = parts;
  const names = Object.keys(kept.receivers).filter((name) => base?.receivers[name] === undefined);
  const own: Own = { receivers: new Set(names), smtp: kept.smtp !== undefined && base?.smtp === undefined };
  const channels = await makeChannels(settings, environment, timeoutMs, own);
  return { settings, channels, mailer: await makeMailer(settings, environment, timeoutMs, own.smtp) };
}

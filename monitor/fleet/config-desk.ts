import type { DownlinkStore, Missing, WantedText } from '../../cloud-sync/cloud-hub/downlink-store.ts';
import { hashOf } from '../../cloud-sync/protocol/document.ts';
import { type ConfigStand, configStandSchema, type Result } from '../../cloud-sync/protocol/downlink.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { type Problem, SettingsFault } from '../../core/settings.ts';
import { ConfigCheck } from './config-check.ts';
import { type ConfigPhase, configPhase } from './config-phase.ts';
import type { Beside, ConfigHead, ConfigOutcome, ConfigStore, ConfigText } from './config-store.ts';

export interface ConfigView {
  readonly phase: ConfigPhase;
  readonly stand: ConfigStand | undefined;
  /** The newest that is wanted. */
  readonly wanted: ConfigText | undefined;
  /** What the gateway works with; its text is missing until the gateway has sent it. */
  readonly applied: { readonly version: number; readonly text: string | undefined } | undefined;
  readonly versions: readonly ConfigHead[];
  /** What became of them, newest first. */
  readonly outcomes: readonly ConfigOutcome[];
}

export interface DeskDeps {
  readonly store: ConfigStore;
  /** To orders. */
  readonly answered: (gateway: GatewayId, result: Result) => void;
  /** A gateway's configuration is further, or another. */
  readonly changed: (gateway: GatewayId) => void;
  readonly clock: Clock;
}

export interface ConfigSaving {
  readonly gateway: GatewayId;
  /** The version that was changed; 0 if none was wanted yet. */
  readonly from: number;
  readonly text: string;
  readonly by: string;
  /** Stored with it, or not at all. */
  readonly beside?: Beside;
}

/** How far a gateway is, and with which version. */
export interface ConfigStage {
  readonly phase: ConfigPhase;
  /** The newest that is wanted; 0 if none is. */
  readonly version: number;
}

/** What is wanted of each gateway, kept until the gateway has it, and how far it is. */
export class ConfigDesk implements DownlinkStore {
  readonly #deps: DeskDeps;
  readonly #check = new ConfigCheck();

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  async wanted(gateway: GatewayId): Promise<WantedText | undefined> {
    return this.#deps.store.newest(gateway);
  }

  async stands(gateway: GatewayId, stand: ConfigStand): Promise<readonly Missing[]> {
    const { store, clock, changed } = this.#deps;
    const body = JSON.stringify(stand);
    if ((await store.fact(gateway, 'stand'))?.body !== body)
      await store.setFact(gateway, 'stand', { hash: '', body, at: clock.now() });
    await this.#settleParted(gateway, stand);
    changed(gateway);
    const { held, applied } = stand;
    const wanted = (await store.newest(gateway))?.version ?? 0;
    const lacks = async ({ version, hash }: ConfigStand['held']) => (await store.find(gateway, version))?.hash !== hash;
    const texts = [
      ...(stand.managed === 'hub' && held.version > wanted ? [held] : []),
      ...((await lacks(applied)) ? [applied] : []),
    ];
    const versions = [...new Set(texts.map(({ version }) => version))];
    const isNew = stand.schema !== undefined && (await store.fact(gateway, 'schema'))?.hash !== stand.schema;
    return [
      ...versions.map((version): Missing => ({ what: 'config', version })),
      ...(isNew ? [{ what: 'schema' } as const] : []),
    ];
  }

  async received(gateway: GatewayId, what: Missing['what'], { version, text }: WantedText): Promise<void> {
    const { store, clock, changed } = this.#deps;
    const stand = await this.#stand(gateway);
    if (what === 'schema') {
      if (stand?.schema !== undefined)
        await store.setFact(gateway, 'schema', { hash: stand.schema, body: text, at: clock.now() });
      return;
    }
    const hash = hashOf(text);
    const isTold = [stand?.held, stand?.applied].some((place) => place?.version === version && place.hash === hash);
    // Another one came in between; it is asked for again.
    if (!isTold) return;
    await store.put(gateway, { version, hash, text, savedAt: clock.now(), savedBy: gateway });
    changed(gateway);
  }

  answered(gateway: GatewayId, result: Result): void {
    this.#deps.answered(gateway, result);
  }

  async view(gateway: GatewayId): Promise<ConfigView> {
    const { store } = this.#deps;
    const stand = await this.#stand(gateway);
    const wanted = await store.newest(gateway);
    const at = stand && (await store.find(gateway, stand.applied.version));
    return {
      ...{ phase: configPhase(wanted?.version ?? 0, stand), stand, wanted },
      applied: stand && {
        version: stand.applied.version,
        text: at?.hash === stand.applied.hash ? at.text : undefined,
      },
      versions: await store.versions(gateway),
      outcomes: await store.outcomes(gateway),
    };
  }

  /** Of all gateways that said anything, or of which anything is wanted. */
  async stages(): Promise<ReadonlyMap<GatewayId, ConfigStage>> {
    const stands = await this.#deps.store.stands();
    return new Map(
      [...stands].map(([gateway, { version, stand }]) => [
        gateway,
        { version, phase: configPhase(version, stand === undefined ? undefined : parseStand(stand)) },
      ]),
    );
  }

  /** Throws Fault not-found. */
  async text(gateway: GatewayId, version: number): Promise<ConfigText> {
    const found = await this.#deps.store.find(gateway, version);
    if (found === undefined) throw new Fault('not-found', `configuration ${version} of ${gateway}`);
    return found;
  }

  /** The gateway's schema document as it sent it; undefined before that. */
  async schema(gateway: GatewayId): Promise<string | undefined> {
    return (await this.#deps.store.fact(gateway, 'schema'))?.body;
  }

  /** Throws SettingsFault with every problem; Fault config-not-ours, document-changed. */
  async save({ gateway, from, text, by, beside }: ConfigSaving): Promise<ConfigHead> {
    const { store, clock } = this.#deps;
    const stand = await this.#stand(gateway);
    if (stand?.managed === 'file') throw new Fault('config-not-ours', gateway);
    const problems = await this.problems(gateway, text);
    if (problems.length > 0) throw new SettingsFault(problems);
    const make = (newest: ConfigHead | undefined): ConfigText => {
      if ((newest?.version ?? 0) !== from)
        throw new Fault(
          'document-changed',
          `${newest?.savedBy ?? 'nobody'} saved version ${newest?.version ?? 0} of it`,
        );
      const version = Math.max(from, stand?.held.version ?? 0) + 1;
      return { version, hash: hashOf(text), text, savedAt: clock.now(), savedBy: by };
    };
    return store.add(gateway, make, beside);
  }

  /** What is wrong with a text, as far as the hub can say. */
  async problems(gateway: GatewayId, text: string): Promise<readonly Problem[]> {
    return this.#check.problems(text, await this.#deps.store.fact(gateway, 'schema'));
  }

  /** What a change begins with: what is wanted, else what the gateway works with; empty before anything is known. */
  async base(gateway: GatewayId): Promise<{ readonly version: number; readonly text: string }> {
    const { store } = this.#deps;
    const wanted = await store.newest(gateway);
    if (wanted) return wanted;
    return { version: 0, text: (await store.find(gateway, 0))?.text ?? '' };
  }

  /**
   * A hub restored from a backup may have used a number for another text than the gateway holds under it. What people wanted last gets a
   * number that nobody has.
   */
  async #settleParted(gateway: GatewayId, { managed, held }: ConfigStand): Promise<void> {
    const { store } = this.#deps;
    const newest = await store.newest(gateway);
    if (managed !== 'hub' || newest?.version !== held.version || newest.hash === held.hash) return;
    await store.put(gateway, { ...newest, version: held.version + 1 });
  }

  async #stand(gateway: GatewayId): Promise<ConfigStand | undefined> {
    const fact = await this.#deps.store.fact(gateway, 'stand');
    return fact && parseStand(fact.body);
  }
}

function parseStand(body: string): ConfigStand | undefined {
  return configStandSchema.safeParse(JSON.parse(body)).data;
}

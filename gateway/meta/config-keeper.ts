import { hashOf } from '../../cloud-sync/protocol/document.ts';
import type { ConfigStand, Result } from '../../cloud-sync/protocol/downlink.ts';
import { configResultId } from '../../cloud-sync/protocol/downlink.ts';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { aborted, type Service } from '../../core/service.ts';
import type { Problem } from '../../core/settings.ts';
import type { Plant } from '../../devices/plant-types.ts';
import type { Journal } from '../journal/journal.ts';
import type { GatewaySettings } from '../settings.ts';
import {
  type ConfigDocument,
  type ConfigOutcome,
  type ConfigState,
  confirmed,
  lastGood,
  NO_CONFIG,
  onTrial,
  received,
  refused,
  returned,
  running,
  standOf,
  started,
} from './config-state.ts';
import { configOf, readConfig } from './config-text.ts';
import { whyOpensLock } from './lock-guard.ts';
import type { MetaStore } from './meta-store.ts';
import { schemaDocument, schemaId } from './schema-document.ts';
import { wasTold } from './told.ts';

export interface KeeperDeps {
  readonly settings: GatewaySettings;
  readonly store: MetaStore;
  readonly journal: Pick<Journal, 'epoch' | 'next' | 'epochs' | 'wholeFrames' | 'event'>;
  /** Works with this plant from now on. */
  readonly apply: (plant: Plant) => Promise<void>;
  /** Tells the hub at once, if it is there. */
  readonly tell: (result: Result) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const MOST_PROBLEMS = 50;

/**
 * What the hub wants of this gateway, from its arrival to its outcome: stored before it is looked at, tried once it is found sound, kept
 * once the hub was heard after it, given up for the last good one otherwise. Each outcome is journalled once, whenever the power goes.
 */
export class ConfigKeeper implements Service {
  readonly name = 'configuration';
  readonly #deps: KeeperDeps;
  readonly #seed: string;
  readonly #schema: string;
  #state: ConfigState;
  /** What is on trial is at work. */
  #isAtWork = false;
  #cancelTrial: () => void = () => {};
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  private constructor(deps: KeeperDeps, state: ConfigState, schema: string) {
    this.#deps = deps;
    this.#state = state;
    this.#schema = schema;
    this.#seed = configOf(deps.settings.text);
  }

  /** What it begins with is `plant()`. */
  static async open(deps: KeeperDeps): Promise<ConfigKeeper> {
    const { settings, store, journal, log } = deps;
    const state = settings.managed === 'hub' ? await store.load(log) : NO_CONFIG;
    const keeper = new ConfigKeeper(deps, state, await schemaId(settings.profilesDir));
    if (state.untold && (await wasTold(journal, state.untold))) await keeper.#save(told(state));
    const start = started(keeper.#state);
    if (start === 'given-up') await keeper.#decide(returned(keeper.#state), keeper.#unconfirmed());
    else if (start !== keeper.#state) await keeper.#save(start);
    return keeper;
  }

  /** What the gateway is to begin with. What was applied before and is no longer understood, as after another release, is given up. */
  async plant(): Promise<Plant> {
    for (;;) {
      const document = running(this.#state);
      if (document === undefined) return this.#deps.settings.plant;
      const read = await readConfig(document.text, this.#deps.settings);
      if ('plant' in read) return read.plant;
      this.#deps.log.error(
        { version: document.version, problems: read.problems },
        'the configuration applied before is not understood',
      );
      const { good: _, ...rest } = this.#state;
      const isTried = this.#state.state === 'trial';
      const state = isTried ? refused(this.#state) : refused({ ...rest, wanted: document });
      await this.#decide(state, {
        ...placeOf(document),
        outcome: 'refused',
        code: 'settings-invalid',
        problems: brief(read.problems),
      });
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#inTurn(async () => {
      this.#tellUntold();
      if (this.#state.state === 'trial') this.#watch();
      if (this.#state.state === 'new') await this.#look();
    });
    await aborted(signal);
    this.#stopped = true;
    await this.idle();
    // Also of one that was begun just now.
    this.#cancelTrial();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    let turn: Promise<void>;
    do {
      turn = this.#turn;
      await turn;
    } while (turn !== this.#turn);
  }

  stand(): ConfigStand {
    const { managed } = this.#deps.settings;
    return standOf(this.#state, { managed, seedHash: hashOf(this.#seed), schema: this.#schema });
  }

  /** A document that the hub asks for; undefined if there is none such any more. */
  async document(
    what: 'config' | 'schema',
    version: number | undefined,
  ): Promise<{ text: string; version: number } | undefined> {
    if (what === 'schema') return { text: await schemaDocument(this.#deps.settings.profilesDir), version: 0 };
    const { wanted, good } = this.#state;
    const seed = { text: this.#seed, version: 0 };
    return [wanted, good, seed].find((document) => document?.version === (version ?? wanted?.version ?? 0));
  }

  /** The hub wants this one. */
  desired(document: ConfigDocument): void {
    const { log, settings } = this.#deps;
    this.#inTurn(async () => {
      const next = settings.managed === 'hub' ? received(this.#state, document) : undefined;
      // Nothing new: the hub may not know yet what became of it.
      if (next === undefined) return this.#tellStand();
      log.info({ version: document.version }, 'the hub wants another configuration');
      this.#cancelTrial();
      await this.#save(next);
      await this.#look();
    });
  }

  /** The hub has said something that it can only say to us: what is at work has not cut us off. */
  heard(): void {
    if (!this.#isAtWork || this.#state.state !== 'trial') return;
    this.#isAtWork = false;
    this.#inTurn(async () => {
      if (this.#state.state !== 'trial') return;
      this.#cancelTrial();
      await this.#save(confirmed(this.#state));
      this.#deps.log.info({ version: this.#state.wanted?.version }, 'the configuration is confirmed');
      this.#tellStand();
    });
  }

  async #look(): Promise<void> {
    const document = this.#state.wanted as ConfigDocument;
    const { log } = this.#deps;
    const read = await this.#read(document);
    if ('problems' in read) {
      log.warn({ version: document.version, problems: read.problems.length }, 'the configuration is refused');
      const why = { code: 'settings-invalid', problems: brief(read.problems) } as const;
      await this.#decide(refused(this.#state), { ...placeOf(document), outcome: 'refused', ...why });
    } else {
      await this.#decide(onTrial(this.#state), { ...placeOf(document), outcome: 'applied' });
      await this.#try(document, read.plant);
    }
    this.#tellUntold();
    this.#tellStand();
  }

  /** What of it is not sound, or touches the lock on site. */
  async #read(document: ConfigDocument): ReturnType<typeof readConfig> {
    const { settings } = this.#deps;
    const read = await readConfig(document.text, settings);
    if (settings.writeLock === undefined || 'problems' in read) return read;
    const good = lastGood(this.#state);
    const held = good && (await readConfig(good.text, settings));
    const known = [settings.plant, ...(held && 'plant' in held ? [held.plant] : [])];
    const problem = whyOpensLock(settings.writeLock.point, read.plant, known);
    return problem ? { problems: [problem] } : read;
  }

  async #try(document: ConfigDocument, plant: Plant): Promise<void> {
    const { apply, log } = this.#deps;
    try {
      await apply(plant);
    } catch (error) {
      log.error(
        { version: document.version, err: error },
        'the configuration could not be applied: the last good one comes back',
      );
      const detail = String(error).slice(0, 2000);
      await this.#decide(returned(this.#state), { ...placeOf(document), outcome: 'returned', detail });
      return apply(await this.plant());
    }
    log.info({ version: document.version }, 'the configuration is applied');
    this.#watch();
  }

  /** From now on the hub must be heard in time. */
  #watch(): void {
    this.#isAtWork = true;
    const { clock, settings } = this.#deps;
    this.#cancelTrial = clock.after(settings.hub?.confirmWithin ?? 0, () => this.#inTurn(() => this.#giveUp()));
  }

  async #giveUp(): Promise<void> {
    if (this.#state.state !== 'trial') return;
    this.#isAtWork = false;
    this.#deps.log.warn(
      { version: this.#state.wanted?.version },
      'the hub was not heard: the last good configuration comes back',
    );
    await this.#decide(returned(this.#state), this.#unconfirmed());
    await this.#deps.apply(await this.plant());
    this.#tellUntold();
    this.#tellStand();
  }

  #unconfirmed(): ConfigOutcome {
    const document = this.#state.wanted as ConfigDocument;
    return { ...placeOf(document), outcome: 'returned', code: 'config-unconfirmed' };
  }

  /** On the disk before anything is done about it, with what is to be journalled. */
  async #decide(state: ConfigState, outcome: ConfigOutcome): Promise<void> {
    const { epoch, next } = this.#deps.journal;
    await this.#save({ ...state, untold: { outcome, epoch, next } });
  }

  #tellUntold(): void {
    const { untold } = this.#state;
    if (untold === undefined) return;
    const { journal, clock } = this.#deps;
    const onNumber = () =>
      this.#inTurn(async () => {
        if (this.#state.untold === untold) await this.#save(told(this.#state));
      });
    journal.event({ event: 'config', at: clock.now(), ...untold.outcome }, { urgent: true, onNumber });
  }

  #tellStand(): void {
    const body = this.stand();
    this.#deps.tell({ id: configResultId(body.held.version), state: 'done', body });
  }

  async #save(state: ConfigState): Promise<void> {
    await this.#deps.store.save(state);
    this.#state = state;
  }

  /** One after the other. What cannot be stored has not happened: the hub says it again in its next session. */
  #inTurn(work: () => Promise<void> | void): void {
    this.#turn = this.#turn
      .then(() => (this.#stopped ? undefined : work()))
      .catch((error: unknown) => {
        this.#deps.log.error(
          { error: String(error), code: error instanceof Fault ? error.code : undefined },
          'the configuration could not be changed',
        );
      });
  }
}

function placeOf({ version, hash }: ConfigDocument) {
  return { version, hash };
}

function told({ untold: _, ...state }: ConfigState): ConfigState {
  return state;
}

function brief(problems: readonly Problem[]): NonNullable<ConfigOutcome['problems']> {
  return problems.slice(0, MOST_PROBLEMS).map(({ line, path, message, suggestion }) => ({
    ...{ line, path: path.slice(0, 1000), message: message.slice(0, 2000) },
    ...(suggestion === undefined ? {} : { suggestion: suggestion.slice(0, 2000) }),
  }));
}

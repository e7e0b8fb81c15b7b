import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { Fault, isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { OFFLINE } from '../../core/rules/built-in.ts';
import type { Service } from '../../core/service.ts';
import type { Desk } from '../alarms/desk.ts';
import type { ConfigDesk } from '../fleet/config-desk.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { type Change, readChange, withChange } from './change.ts';
import { type Planned, planOf } from './plan.ts';
import {
  isOpen,
  type Member,
  nextSteps,
  type Rollout,
  type RolloutState,
  type RolloutStep,
  type RolloutTerms,
  type Seen,
} from './rollout.ts';
import { checkState, putMember, type RolloutStore } from './rollout-store.ts';

export interface RolloutDeps {
  readonly store: RolloutStore;
  readonly configs: Pick<ConfigDesk, 'base' | 'problems' | 'schema' | 'stages' | 'save' | 'text'>;
  readonly fleet: Pick<Fleet, 'link'>;
  readonly desk: Pick<Desk, 'list'>;
  /** A gateway is to be told what is wanted of it. */
  readonly wants: (gateway: GatewayId) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RolloutAsking extends RolloutTerms {
  readonly gateways: readonly GatewayId[];
  readonly by: string;
}

const EVERY_MS = 1000;

/** From which states a person may turn it, and to what. */
const TURNS = {
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused', 'halted'], to: 'running' },
  stop: { from: ['running', 'paused', 'halted', 'reverting'], to: 'stopped' },
  revert: { from: ['running', 'paused', 'halted', 'stopped', 'done'], to: 'reverting' },
} as const satisfies Record<string, { readonly from: readonly RolloutState[]; readonly to: RolloutState }>;
export type Turn = keyof typeof TURNS;
export const TURN_NAMES = Object.keys(TURNS) as [Turn, ...Turn[]];

/** One change, ring by ring, to many gateways. */
export class Rollouts implements Service {
  readonly name = 'rollouts';
  readonly #deps: RolloutDeps;
  /** Since when each is not connected, in ticks. */
  readonly #awaySince = new Map<GatewayId, number>();
  #work: Promise<unknown> = Promise.resolve();

  constructor(deps: RolloutDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    await this.#inTurn(() => this.#watchAnew());
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        log.warn({ err: error }, 'a rollout could not go on; it is tried again');
      }
      await clock.sleep(EVERY_MS, signal);
    }
  }

  /** Carries out what comes next, as far as that can be done now. What fails holds up nothing else, and is thrown at the end. */
  look(): Promise<void> {
    return this.#inTurn(async () => {
      const open = (await this.#deps.store.open()).filter(isOpen);
      if (open.length === 0) return;
      const see = await this.#eyes();
      const failed: unknown[] = [];
      for (const rollout of open) failed.push(...(await this.#goOn(rollout, see)));
      if (failed.length > 0) throw failed[0];
    });
  }

  /** Answers what failed. */
  async #goOn(rollout: Rollout, see: (gateway: GatewayId) => Seen): Promise<readonly unknown[]> {
    const failed: unknown[] = [];
    for (const step of nextSteps(rollout, see, this.#deps.clock.now())) {
      try {
        await this.#carryOut(rollout, step, see);
      } catch (error) {
        // A person has turned it: the next look begins with how it is now.
        if (isFault(error, 'rollout-over')) break;
        failed.push(error);
      }
    }
    return failed;
  }

  list(): Promise<readonly Rollout[]> {
    return this.#deps.store.list();
  }

  /** Throws Fault not-found. */
  async get(id: number): Promise<Rollout> {
    const found = await this.#deps.store.find(id);
    if (found === undefined) throw new Fault('not-found', `rollout ${id}`);
    return found;
  }

  /** Throws SettingsFault for a change that is none. */
  plan(gateways: readonly GatewayId[], change: string, rings: readonly string[]): Promise<readonly Planned[]> {
    return planOf(gateways, { change: readChange(change), rings }, this.#deps);
  }

  /** Begins. Throws SettingsFault for a change that is none; Fault rollout-unfit, rollout-busy, and nothing is changed anywhere. */
  async start({ gateways, by, ...terms }: RolloutAsking): Promise<Rollout> {
    const planned = await this.plan(gateways, terms.change, terms.rings);
    const wrong = planned.filter(({ problems }) => problems.length > 0);
    if (wrong.length > 0)
      throw new Fault('rollout-unfit', list(wrong.map((each) => `${each.gateway}: ${each.problems[0]?.message}`)));
    if (!planned.some(({ ring }) => ring !== undefined))
      throw new Fault('rollout-unfit', 'it changes nothing anywhere');
    const at = this.#deps.clock.now();
    const members = planned.map(({ gateway, ring = 0, lines }) => {
      return { gateway, ring, state: lines.length === 0 ? ('same' as const) : ('waiting' as const) };
    });
    const id = await this.#deps.store.add({ terms, by, at, members }, (busy) => {
      const both = gateways.filter((gateway) => busy.has(gateway));
      if (both.length > 0) throw new Fault('rollout-busy', list(both));
    });
    return this.get(id);
  }

  /** Holds for the very next gateway, however many of its ring are still to come. Throws Fault not-found, rollout-over. */
  async turn(id: number, turn: Turn): Promise<Rollout> {
    const { from, to }: { readonly from: readonly RolloutState[]; readonly to: RolloutState } = TURNS[turn];
    const { store, clock } = this.#deps;
    const work = async () => {
      const { members } = await this.get(id);
      const make = (state: RolloutState) => {
        if (!from.includes(state)) throw new Fault('rollout-over', `it is ${state}`);
        return { state: to, since: clock.now(), why: null };
      };
      await store.turn(id, make, async (connection) => {
        if (turn !== 'resume') return;
        // Whoever goes on has seen what failed.
        for (const member of members)
          if (member.state === 'failed') await putMember(connection, id, { ...member, isAccepted: true });
      });
      return this.get(id);
    };
    // Only going on touches what a look may be writing.
    return turn === 'resume' ? this.#inTurn(work) : work();
  }

  /** One at a time: two looks would carry out one step twice. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(work);
    this.#work = turn.catch(() => {});
    return turn;
  }

  /** Nobody looked while the hub was down: the time for watching begins again. */
  async #watchAnew(): Promise<void> {
    const { store, clock } = this.#deps;
    for (const { id, members } of await store.open())
      for (const member of members)
        if (member.state === 'soaking') await store.putMember(id, { ...member, since: clock.now() });
  }

  async #eyes(): Promise<(gateway: GatewayId) => Seen> {
    const { configs, desk, fleet, clock } = this.#deps;
    const stages = await configs.stages();
    const devices = new Map<GatewayId, string[]>();
    for (const { gateway, device, rule, active } of desk.list())
      if (rule === OFFLINE && active) devices.set(gateway, [...(devices.get(gateway) ?? []), device]);
    return (gateway) => {
      const { state, channels } = fleet.link(gateway);
      if (state !== 'offline') this.#awaySince.delete(gateway);
      else if (!this.#awaySince.has(gateway)) this.#awaySince.set(gateway, clock.ticks());
      const since = this.#awaySince.get(gateway);
      const lines = channels.filter((channel) => channel.state === 'faulted').map(({ name }) => name);
      return {
        ...(stages.get(gateway) ?? { phase: 'unknown' as const, version: 0 }),
        awayMs: since === undefined ? undefined : clock.ticks() - since,
        down: [...lines, ...(devices.get(gateway) ?? [])],
      };
    };
  }

  async #carryOut(rollout: Rollout, step: RolloutStep, see: (gateway: GatewayId) => Seen): Promise<void> {
    const { store, clock, log } = this.#deps;
    const { id } = rollout;
    if (step.step === 'turn') {
      const { to, why } = step;
      const isTurned = await store.turn(id, (state) =>
        state === rollout.state ? { state: to, since: clock.now(), why } : undefined,
      );
      if (isTurned) log.info({ rollout: id, state: to, why }, 'a rollout is further');
      return;
    }
    const { member } = step;
    if (step.step === 'mark') await store.putMember(id, { ...member, ...step.to, since: clock.now() });
    else if (step.step === 'send') await this.#send(rollout, member, see(member.gateway).down);
    else await this.#revert(rollout, member);
  }

  /** The version and that it was given are stored together: whenever the hub dies, a gateway gets one. */
  async #send(rollout: Rollout, member: Member, down: readonly string[]): Promise<void> {
    const { id, name, change, by } = rollout;
    const { configs, store, clock } = this.#deps;
    const base = await configs.base(member.gateway);
    const text = textAfter(base.text, readChange(change));
    if (text === base.text) return store.putMember(id, { ...member, state: 'same', since: clock.now() });
    const given = (version: number): Member => {
      return { ...member, state: 'sent', since: clock.now(), was: base.version, version, down };
    };
    await this.#save(rollout, member, {
      from: base.version,
      text: text ?? base.text,
      by: `${by} (${name})`,
      given,
      unfit: 'failed',
    });
  }

  async #revert(rollout: Rollout, member: Member): Promise<void> {
    const { id, name, by } = rollout;
    const { configs, store, clock } = this.#deps;
    const base = await configs.base(member.gateway);
    const kept: Member = { ...member, state: 'kept', reason: 'replaced', since: clock.now() };
    if (base.version !== member.version || member.was === undefined) return store.putMember(id, kept);
    const { text } = await configs.text(member.gateway, member.was);
    const given = (version: number): Member => ({ ...member, state: 'reverting', since: clock.now(), version });
    await this.#save(rollout, member, { from: base.version, text, by: `${by} (${name})`, given, unfit: 'kept' });
  }

  /** Throws Fault rollout-over if it was turned meanwhile; nothing is saved then. */
  async #save({ id, state }: Rollout, member: Member, { given, unfit, ...saving }: Saving): Promise<void> {
    const { configs, store, clock, wants } = this.#deps;
    const { gateway } = member;
    try {
      await configs.save({
        ...{ gateway, ...saving },
        beside: async (connection, { version }) => {
          await checkState(connection, id, state);
          await putMember(connection, id, given(version));
        },
      });
      wants(gateway);
    } catch (error) {
      // Somebody was faster: the next look begins with what they saved.
      if (isFault(error, 'document-changed')) return;
      if (!isFault(error, 'settings-invalid', 'config-not-ours')) throw error;
      const detail = error.message.slice(0, 500);
      await store.putMember(id, { ...member, state: unfit, reason: 'unfit', detail, since: clock.now() });
    }
  }
}

interface Saving {
  readonly from: number;
  readonly text: string;
  readonly by: string;
  readonly given: (version: number) => Member;
  /** What it is where the text does not fit. */
  readonly unfit: 'failed' | 'kept';
}

/** What became no YAML since the plan is refused by the check that follows. */
function textAfter(text: string, change: Change): string | undefined {
  try {
    return withChange(text, change);
  } catch (error) {
    if (isFault(error, 'settings-invalid')) return undefined;
    throw error;
  }
}

function list(all: readonly string[]): string {
  const more = all.length > 5 ? ` and ${all.length - 5} more` : '';
  return `${all.slice(0, 5).join('; ')}${more}`;
}

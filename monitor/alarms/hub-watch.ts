import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Service } from '../../core/service.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Desk } from './desk.ts';
import { HUB_RULE_TERMS } from './hub-rule-terms.ts';
import { HUB_RULES, type HubRule, type HubRuleSettings, stepGateway, type Verdict, type Watched } from './hub-rules.ts';

export interface HubWatchParts {
  readonly desk: Pick<Desk, 'own' | 'findRule' | 'list'>;
  readonly fleet: Pick<Fleet, 'link'>;
  /** Gateways that hold a certificate: only they are missed. */
  readonly enrolled: () => Promise<readonly string[]>;
  readonly settings: HubRuleSettings;
  readonly clock: Clock;
  readonly log: Log;
}

const EVERY_MS = 5000;
/** After a start of the hub all gateways are away: their reconnecting takes up to a minute. */
const GRACE_MS = 120_000;

/** Looks after what only the hub can know of gateways. */
export class HubWatch implements Service {
  readonly name = 'hub-rules';
  readonly #parts: HubWatchParts;
  readonly #watched = new Map<string, Watched>();

  constructor(parts: HubWatchParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    const began = clock.ticks();
    for (;;) {
      await clock.sleep(EVERY_MS, signal);
      try {
        await this.look(clock.ticks() - began < GRACE_MS);
      } catch (error) {
        log.warn({ err: error }, 'gateways could not be judged');
      }
    }
  }

  /** `isStarting`: a gateway that was not heard of yet may still come. */
  async look(isStarting = false): Promise<void> {
    const { desk, fleet, clock, enrolled, settings } = this.#parts;
    const gateways = new Set(await enrolled());
    for (const gateway of gateways) {
      const link = fleet.link(gateway);
      if (isStarting && link.lastSeen === null) continue;
      const isActive = (rule: HubRule) => desk.findRule(gateway, '', rule)?.active ?? false;
      const step = stepGateway(this.#watched.get(gateway), link, clock.now(), settings, isActive);
      this.#watched.set(gateway, step.watched);
      for (const verdict of step.verdicts) this.#apply(gateway, verdict);
    }
    this.#release(gateways);
  }

  #apply(gateway: string, verdict: Verdict): void {
    const { desk, clock } = this.#parts;
    const { rule } = verdict;
    const held = desk.findRule(gateway, '', rule);
    const isActive = held?.active ?? false;
    const name = { gateway, device: '', rule, point: '' };
    if (verdict.is === 'active') {
      if (isActive && !held?.suppressed) return;
      const value = verdict.value === undefined ? {} : { value: verdict.value };
      desk.own({ name, at: verdict.at, ...value, raise: { terms: HUB_RULE_TERMS[rule] } });
    } else if (verdict.is === 'hold') {
      if (!isActive || held?.suppressed) return;
      desk.own({ name, at: clock.now(), raise: { terms: HUB_RULE_TERMS[rule], suppressed: true } });
    } else if (isActive) desk.own({ name, at: clock.now() });
  }

  /** A gateway that was dismissed is no longer missed. */
  #release(gateways: ReadonlySet<string>): void {
    const { desk, clock } = this.#parts;
    const isOurs = (rule: string) => (HUB_RULES as readonly string[]).includes(rule);
    for (const { gateway, device, rule, point, active } of desk.list()) {
      if (!active || device !== '' || !isOurs(rule) || gateways.has(gateway)) continue;
      this.#watched.delete(gateway);
      desk.own({ name: { gateway, device, rule, point }, at: clock.now() });
    }
  }
}

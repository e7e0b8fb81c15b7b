import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { EnrolmentStore } from './archive.ts';
import type { Ca } from './ca.ts';

export interface CaState {
  /** SHA-256 of the certificate, base64url. */
  readonly fingerprint: string;
  /** The one that follows, while it is being replaced. */
  readonly next?: string;
  /** Gateways that have no certificate of the next one yet. */
  readonly waiting: readonly GatewayId[];
}

/** How the hub's CA is replaced: two steps, and between them every gateway is to have come by. */
export interface CaDesk {
  state(): Promise<CaState>;
  rotate(): Promise<CaState>;
  /** Throws Fault ca-awaited, naming the gateways that would be locked out, unless `force`. */
  finish(force: boolean): Promise<CaState>;
}

interface DeskParts {
  readonly ca: Ca;
  readonly store: EnrolmentStore;
  readonly clock: Clock;
}

/** `changed`: listeners and gateways must learn of it. */
export function caDesk({ ca, store, clock }: DeskParts, changed: () => Promise<void> = async () => {}): CaDesk {
  const isWaiting = async (gateway: GatewayId) => {
    const good = (await store.certificates(gateway)).filter(
      ({ revokedAt, notAfter }) => revokedAt === null && notAfter > clock.now(),
    );
    // Who has none left must join anew in any case.
    return good.length > 0 && good.every(({ issuer }) => issuer !== ca.nextFingerprint);
  };
  const state = async (): Promise<CaState> => {
    const { fingerprint, nextFingerprint: next } = ca;
    if (next === undefined) return { fingerprint, waiting: [] };
    const waiting: GatewayId[] = [];
    for (const gateway of await store.gateways()) if (await isWaiting(gateway)) waiting.push(gateway);
    return { fingerprint, next, waiting };
  };
  return {
    state,
    async rotate() {
      await ca.rotate();
      await changed();
      return state();
    },
    async finish(force) {
      const { next, waiting } = await state();
      if (next === undefined) throw new Fault('usage', 'the CA is not being replaced: begin with `sluice ca rotate`');
      if (waiting.length > 0 && !force) throw new Fault('ca-awaited', waiting.join(', '));
      await ca.finish();
      await changed();
      return state();
    },
  };
}

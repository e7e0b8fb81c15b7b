import { isFault } from '../../../core/faults.ts';
import type { Secrets } from '../secrets.ts';
import { type Channel, ReceiverFault } from './channel.ts';

/** A channel whose answers and faults hold no secret: what the other side says may quote what it was told. */
export function guarded(channel: Channel, secrets: Secrets): Channel {
  return {
    target: channel.target,
    spacingMs: channel.spacingMs,
    async send(message, signal) {
      try {
        return secrets.redact(await channel.send(message, signal));
      } catch (error) {
        throw withoutSecrets(error, secrets);
      }
    },
  };
}

/** Without its cause, which is somebody else's text too. */
export function withoutSecrets(error: unknown, secrets: Secrets): ReceiverFault {
  if (!(error instanceof ReceiverFault)) return new ReceiverFault('receiver-failed', secrets.redact(String(error)));
  const code = isFault(error, 'receiver-refused') ? 'receiver-refused' : 'receiver-failed';
  return new ReceiverFault(code, secrets.redact(error.detail), { retryAfterMs: error.retryAfterMs });
}

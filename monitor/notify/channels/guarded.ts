import { isFault } from '../../../core/faults.ts';
import type { Secrets } from '../secrets.ts';
import { type Channel, ReceiverFault } from './channel.ts';

/** A channel whose answers and faults hold no secret: what the other side says may quote what it was told. */
export function guarded(channel: Channel, secrets: Secrets): Channel {
  return {
    ...channel,
    async send(message, signal, to) {
      try {
        return secrets.redact(await channel.send(message, signal, to));
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
  const rejected = error.rejected?.map((each) => ({ ...each, detail: secrets.redact(each.detail) }));
  return new ReceiverFault(code, secrets.redact(error.detail), { retryAfterMs: error.retryAfterMs, rejected });
}

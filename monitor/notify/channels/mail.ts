import { createTransport } from 'nodemailer';
import type { SmtpSettings } from '../settings.ts';
import { ReceiverFault } from './channel.ts';

export interface Mail {
  readonly smtp: SmtpSettings;
  readonly password: string | undefined;
  /** Certificate of an own CA, PEM. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
}

export interface Letter {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The same at every try: a mail server or reader may drop the second. */
  readonly id: string;
  readonly attachments?: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly content: Buffer;
  }[];
}

const MOST_SUBJECT = 200;

/** Gives a letter to the mail server, and answers what it said. Throws ReceiverFault. */
export async function sendMail({ smtp, password, ca, timeoutMs }: Mail, letter: Letter, signal: AbortSignal) {
  const { host, port, tls, user, from } = smtp;
  const { to, subject, text, id, attachments = [] } = letter;
  // A connection of its own: nothing is left open, and aborting ends it.
  const transport = createTransport({
    ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const stop = () => transport.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { response } = await transport.sendMail({
      ...{ from, to: [...to], subject: subject.slice(0, MOST_SUBJECT), text, attachments: [...attachments] },
      messageId: `<${id}@sluice>`,
      headers: { 'X-Sluice-Delivery': id, 'Auto-Submitted': 'auto-generated' },
    });
    return String(response);
  } catch (cause) {
    throw toFault(cause, signal);
  } finally {
    signal.removeEventListener('abort', stop);
    transport.close();
  }
}

/** 5xx is for ever [RFC 5321, 4.2.1], but not where it is about logging in, which is put right in the settings. */
function toFault(cause: unknown, signal: AbortSignal): ReceiverFault {
  const { responseCode, code, message } = cause as { responseCode?: number; code?: string; message?: string };
  const detail = signal.aborted ? 'no answer in time' : `${code ?? ''} ${message ?? ''}`.trim().slice(0, 300);
  const isForEver = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  return new ReceiverFault(isForEver ? 'receiver-refused' : 'receiver-failed', detail, { cause });
}

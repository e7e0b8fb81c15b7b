import { domainToASCII } from 'node:url';
import { createTransport } from 'nodemailer';
import type { SmtpSettings } from '../settings.ts';
import { ReceiverFault, type Rejected } from './channel.ts';

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

/** Gives a letter to the mail server, and answers what it said. Throws ReceiverFault, also if only some of the recipients are refused. */
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
  try {
    const { response, rejectedErrors = [] } = await transport.sendMail({
      ...{ from, to: [...to], subject: subject.slice(0, MOST_SUBJECT), text, attachments: [...attachments] },
      messageId: `<${id}@sluice>`,
      headers: { 'X-Sluice-Delivery': id, 'Auto-Submitted': 'auto-generated' },
      signal,
    });
    if (rejectedErrors.length === 0) return String(response);
    throw rejection(rejectedErrors, to);
  } catch (cause) {
    throw cause instanceof ReceiverFault ? cause : toFault(cause, to, signal);
  } finally {
    transport.close();
  }
}

/** 5xx is for ever [RFC 5321, 4.2.1], but not where it is about logging in, which is put right in the settings. */
function toFault(cause: unknown, to: Letter['to'], signal: AbortSignal): ReceiverFault {
  const { responseCode, code, message, rejectedErrors = [] } = cause as SmtpError;
  if (rejectedErrors.length > 0) return rejection(rejectedErrors, to);
  const detail = signal.aborted ? 'no answer in time' : `${code ?? ''} ${message ?? ''}`.trim().slice(0, 300);
  const isForEver = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  return new ReceiverFault(isForEver ? 'receiver-refused' : 'receiver-failed', detail, { cause });
}

interface SmtpError {
  readonly responseCode?: number | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly response?: string | undefined;
  readonly recipient?: string | undefined;
  readonly rejectedErrors?: readonly SmtpError[] | undefined;
}

/** A server may take a letter for some and refuse it for others, each for now or for ever. */
function rejection(errors: readonly SmtpError[], to: Letter['to']): ReceiverFault {
  const rejected = errors.map(({ recipient = '', responseCode = 0, response, message }): Rejected => {
    const name = to.find((each) => plain(each) === plain(recipient)) ?? recipient;
    return { to: name, detail: (response ?? message ?? '').slice(0, 200), isForEver: responseCode >= 500 };
  });
  const code = rejected.every(({ isForEver }) => isForEver) ? 'receiver-refused' : 'receiver-failed';
  return new ReceiverFault(code, rejected.map(({ detail }) => detail).join('; '), { rejected });
}

/** As the server was given it. */
function plain(address: string): string {
  const [, name = '', domain = ''] = /^<?(.*)@([^>]*)>?$/.exec(address) ?? [];
  return `${name}@${domainToASCII(domain)}`.toLowerCase();
}

import { readFile } from 'node:fs/promises';
import { Fault, isFault } from '../../../core/faults.ts';
import { type Environment, Secrets } from '../secrets.ts';
import type { NotifySettings, ReceiverSettings } from '../settings.ts';
import { alimtalkChannel } from './alimtalk.ts';
import { type Channel, ReceiverFault } from './channel.ts';
import { guarded, withoutSecrets } from './guarded.ts';
import type { Letter, Mail } from './mail.ts';
import { slackChannel } from './slack.ts';
import { telegramChannel } from './telegram.ts';
import { webhookChannel } from './webhook.ts';

/** What of the settings people made in the page: it reads no variables, and what is wrong with it stops nothing else. */
export interface Own {
  readonly receivers: ReadonlySet<string>;
  readonly smtp: boolean;
}
const SECRET_GONE = 'its secret is missing here: give it anew';
const NOTHING_OWN: Own = { receivers: new Set(), smtp: false };

/** A channel for each receiver; secrets are read here, once. Throws Fault settings-invalid, file-missing, but for what is `own`. */
export async function makeChannels(
  settings: NotifySettings,
  environment: Environment,
  timeoutMs: number,
  own = NOTHING_OWN,
): Promise<ReadonlyMap<string, Channel>> {
  const secrets = new Secrets(environment);
  const kept = new Secrets({});
  const mail = () => readMail(settings, own.smtp ? kept : secrets, timeoutMs);
  // A server that cannot be had is known before anybody is to be told.
  if (!own.smtp) await mail();
  const channels = new Map<string, Channel>();
  for (const [name, receiver] of Object.entries(settings.receivers)) {
    const isOwn = own.receivers.has(name) || (own.smtp && receiver.kind === 'email');
    const making = makeChannel(name, receiver, mail, own.receivers.has(name) ? kept : secrets);
    const channel = await (isOwn ? making.catch((error: unknown) => brokenChannel(name, error)) : making);
    channels.set(name, guarded(guarded(channel, kept), secrets));
  }
  return channels;
}

/** A receiver whose secret is gone: its messages wait until it is given anew. */
function brokenChannel(name: string, error: unknown): Channel {
  const isGone = isFault(error, 'file-missing');
  const why = isGone ? SECRET_GONE : (error as Error).message;
  return {
    ...{ target: name, spacingMs: 0 },
    send: () => Promise.reject(new ReceiverFault('receiver-failed', why)),
  };
}

async function makeChannel(
  name: string,
  receiver: ReceiverSettings,
  mailOf: () => Promise<Mail | undefined>,
  secrets: Secrets,
): Promise<Channel> {
  const place = `notify.receivers.${name}`;
  switch (receiver.kind) {
    case 'webhook':
      return webhookChannel({
        ...{ name, language: receiver.language },
        url: await secrets.readUrl({ inline: receiver.url, file: receiver.urlFile }, place),
        secret: await secrets.read({ inline: receiver.secret, file: receiver.secretFile }),
        bearer: await secrets.read({ inline: receiver.bearer, file: receiver.bearerFile }),
      });
    case 'telegram':
      return telegramChannel(
        receiver,
        (await secrets.read({ inline: receiver.token, file: receiver.tokenFile })) ?? '',
      );
    case 'slack': {
      const url = await secrets.readUrl({ inline: receiver.url, file: receiver.urlFile }, place);
      return slackChannel(url, receiver.language);
    }
    case 'email': {
      const mail = await mailOf();
      if (!mail) throw new Fault('settings-invalid', `${place}: mail needs \`notify.smtp\``);
      // A tenth of a second and 12 MB, for whoever sends mail.
      const { emailChannel } = await import('./email.ts');
      return emailChannel(receiver, mail);
    }
    case 'alimtalk': {
      const headers = Object.entries(receiver.headers).map(([key, text]) => [key, secrets.fillIn(text)]);
      const more = headersOf((await secrets.read({ file: receiver.headersFile })) ?? '', place);
      for (const each of Object.values(more)) secrets.hide(each);
      return alimtalkChannel(receiver, { ...Object.fromEntries(headers), ...more });
    }
  }
}

/** How letters are sent that are no notifications; undefined without `smtp:`. Throws as makeChannels does. */
export async function makeMailer(settings: NotifySettings, environment: Environment, timeoutMs: number, isOwn = false) {
  const secrets = new Secrets(isOwn ? {} : environment);
  const reading = readMail(settings, secrets, timeoutMs);
  if (isOwn && (await reading.catch(() => null)) === null) {
    return () => Promise.reject(new ReceiverFault('receiver-failed', SECRET_GONE));
  }
  const mail = await reading;
  if (!mail) return undefined;
  const { sendMail } = await import('./mail.ts');
  return async (letter: Letter, signal: AbortSignal) => {
    try {
      return secrets.redact(await sendMail(mail, letter, signal));
    } catch (error) {
      throw withoutSecrets(error, secrets);
    }
  };
}

async function readMail({ smtp }: NotifySettings, secrets: Secrets, timeoutMs: number): Promise<Mail | undefined> {
  if (!smtp) return undefined;
  const password = await secrets.read({ inline: smtp.password, file: smtp.passwordFile });
  return { smtp, password, ca: smtp.ca === undefined ? undefined : await readPem(smtp.ca), timeoutMs };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Fault('file-missing', file, { cause });
  }
}

/** `x-api-key: KEY`, a line each. Throws Fault settings-invalid. */
function headersOf(text: string, place: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => /^([\w-]+):\s*(\S.*)$/.exec(line.trim()));
  // Never with the line: it holds a secret.
  if (pairs.includes(null)) throw new Fault('settings-invalid', `${place}: a header is not like \`x-api-key: KEY\``);
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

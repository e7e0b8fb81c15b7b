import { readFile } from 'node:fs/promises';
import { Fault } from '../../../core/faults.ts';
import { type Environment, fillIn, readSecret } from '../secrets.ts';
import type { NotifySettings, ReceiverSettings } from '../settings.ts';
import { alimtalkChannel } from './alimtalk.ts';
import type { Channel } from './channel.ts';
import { emailChannel, type Mail } from './email.ts';
import { slackChannel } from './slack.ts';
import { telegramChannel } from './telegram.ts';
import { webhookChannel } from './webhook.ts';

/** A channel for each receiver; secrets are read here, once. Throws Fault settings-invalid, file-missing. */
export async function makeChannels(
  settings: NotifySettings,
  environment: Environment,
  timeoutMs: number,
): Promise<ReadonlyMap<string, Channel>> {
  const mail = await readMail(settings, environment, timeoutMs);
  const channels = new Map<string, Channel>();
  for (const [name, receiver] of Object.entries(settings.receivers)) {
    channels.set(name, await makeChannel(name, receiver, mail, environment));
  }
  return channels;
}

async function makeChannel(
  name: string,
  receiver: ReceiverSettings,
  mail: Mail | undefined,
  environment: Environment,
): Promise<Channel> {
  const secret = (inline: string | undefined, file: string | undefined) => readSecret({ inline, file }, environment);
  switch (receiver.kind) {
    case 'webhook':
      return webhookChannel({
        ...{ name, url: receiver.url, language: receiver.language },
        secret: await secret(receiver.secret, receiver.secretFile),
        bearer: await secret(receiver.bearer, receiver.bearerFile),
      });
    case 'telegram':
      return telegramChannel(receiver, (await secret(receiver.token, receiver.tokenFile)) ?? '');
    case 'slack':
      return slackChannel((await secret(receiver.url, receiver.urlFile)) ?? '', receiver.language);
    case 'email':
      if (!mail) throw new Fault('settings-invalid', `notify.receivers.${name}: mail needs \`notify.smtp\``);
      return emailChannel(receiver, mail);
    case 'alimtalk': {
      const headers = Object.entries(receiver.headers).map(([key, text]) => [key, fillIn(text, environment)]);
      return alimtalkChannel(receiver, Object.fromEntries(headers));
    }
  }
}

async function readMail(
  { smtp }: NotifySettings,
  environment: Environment,
  timeoutMs: number,
): Promise<Mail | undefined> {
  if (!smtp) return undefined;
  const password = await readSecret({ inline: smtp.password, file: smtp.passwordFile }, environment);
  return { smtp, password, ca: smtp.ca === undefined ? undefined : await readPem(smtp.ca), timeoutMs };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Fault('file-missing', file, { cause });
  }
}

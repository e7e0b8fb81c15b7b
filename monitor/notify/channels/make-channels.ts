import { readFile } from 'node:fs/promises';
import { Fault } from '../../../core/faults.ts';
import { type Environment, Secrets } from '../secrets.ts';
import type { NotifySettings, ReceiverSettings } from '../settings.ts';
import { alimtalkChannel } from './alimtalk.ts';
import type { Channel } from './channel.ts';
import type { Mail } from './email.ts';
import { guarded } from './guarded.ts';
import { slackChannel } from './slack.ts';
import { telegramChannel } from './telegram.ts';
import { webhookChannel } from './webhook.ts';

/** A channel for each receiver; secrets are read here, once. Throws Fault settings-invalid, file-missing. */
export async function makeChannels(
  settings: NotifySettings,
  environment: Environment,
  timeoutMs: number,
): Promise<ReadonlyMap<string, Channel>> {
  const secrets = new Secrets(environment);
  const mail = await readMail(settings, secrets, timeoutMs);
  const channels = new Map<string, Channel>();
  for (const [name, receiver] of Object.entries(settings.receivers)) {
    channels.set(name, guarded(await makeChannel(name, receiver, mail, secrets), secrets));
  }
  return channels;
}

async function makeChannel(
  name: string,
  receiver: ReceiverSettings,
  mail: Mail | undefined,
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
      if (!mail) throw new Fault('settings-invalid', `${place}: mail needs \`notify.smtp\``);
      // A tenth of a second and 12 MB, for whoever sends mail.
      const { emailChannel } = await import('./email.ts');
      return emailChannel(receiver, mail);
    }
    case 'alimtalk': {
      const headers = Object.entries(receiver.headers).map(([key, text]) => [key, secrets.fillIn(text)]);
      return alimtalkChannel(receiver, Object.fromEntries(headers));
    }
  }
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

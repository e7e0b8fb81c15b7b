import type { ReceiverOf } from '../settings.ts';
import { wordingOf } from '../wording.ts';
import type { Channel } from './channel.ts';
import { type Mail, sendMail } from './mail.ts';

export function emailChannel({ to, language }: ReceiverOf<'email'>, mail: Mail): Channel {
  const { host, port } = mail.smtp;
  return {
    target: `${host}:${port}`,
    spacingMs: 0,
    groups: [to],
    send(message, signal, left) {
      const { subject, lines } = wordingOf(message, language, 100);
      return sendMail(mail, { to: left, subject, text: lines.join('\r\n'), id: message.delivery.id }, signal);
    },
  };
}

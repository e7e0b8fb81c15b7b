import type { ReceiverOf } from '../settings.ts';
import { wordingOf } from '../wording.ts';
import { type Channel, ReceiverFault } from './channel.ts';
import { post } from './post.ts';

/** Longest text of `sendMessage` is 4096 characters [Telegram Bot API]. */
const MOST_CHARACTERS = 4000;

/** The Bot API: `sendMessage`, plain text. */
export function telegramChannel({ api, chat, language }: ReceiverOf<'telegram'>, token: string): Channel {
  return {
    target: `${api} ${chat}`,
    // At most one message a second to one chat [Telegram Bots FAQ], and a little for the way there.
    spacingMs: 1100,
    async send(message, signal) {
      const text = beginningOf(wordingOf(message, language).lines.join('\n'));
      const body = JSON.stringify({ chat_id: chat, text, disable_web_page_preview: true });
      const answer = await post(`${api.replace(/\/+$/, '')}/bot${token}/sendMessage`, body, {}, signal);
      if (isOk(answer.text)) return `${answer.status}`;
      throw new ReceiverFault('receiver-failed', `answered what is not of the Bot API: ${answer.text.slice(0, 100)}`);
    },
  };
}

/** Never half a character: the whole message would be refused. */
function beginningOf(text: string): string {
  return text.slice(0, MOST_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
}

/** The answer repeats the message and may be cut off: its beginning says it. */
function isOk(text: string): boolean {
  return /^\s*\{\s*"ok"\s*:\s*true\b/.test(text);
}

import { type Language, wordingOf } from '../wording.ts';
import { type Channel, ReceiverFault } from './channel.ts';
import { post } from './post.ts';

/** An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat). */
export function slackChannel(url: string, language: Language): Channel {
  return {
    target: url,
    // One message a second [Slack, rate limits of incoming webhooks], and a little for the way there.
    spacingMs: 1100,
    async send(message, signal) {
      const text = wordingOf(message, language).lines.map(escaped).join('\n');
      const answer = await post(url, JSON.stringify({ text }), {}, signal);
      if (isTaken(answer.text)) return `${answer.status} ok`;
      throw new ReceiverFault('receiver-failed', `answered what is not of Slack: ${answer.text.slice(0, 100)}`);
    },
  };
}

/** `ok` says Slack and says Mattermost; Rocket.Chat says that it was a success. */
function isTaken(text: string): boolean {
  return text === 'ok' || /^\{\s*"success"\s*:\s*true\b/.test(text);
}

/** No text of an alarm becomes a link or calls a whole channel. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

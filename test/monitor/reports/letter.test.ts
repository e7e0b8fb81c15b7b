import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeMailer } from '../../../monitor/notify/channels/make-channels.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';
import { MailReceiver } from '../notify/mail-receiver.ts';

let mail: MailReceiver;
beforeAll(async () => {
  mail = await MailReceiver.start();
});
afterAll(() => mail.stop());

const mailer = async (more = '') => {
  const { notify } = parseHubSettings(`
dataDir: /d
notify:
  receivers: {}
${more}`);
  return notify && makeMailer(notify, {}, 5000);
};
const server = () => `  smtp: ${mail.settings}`;
const letter = (to: string) => ({
  ...{ to: [to], subject: '일일 보고서', text: '알람 3건', id: 'run-1' },
  attachments: [{ filename: '보고서.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1.3 x') }],
});
const never = new AbortController().signal;

test('a letter with its file reaches a real mail server', async () => {
  const send = await mailer(server());
  expect(await send?.(letter('chief@example.com'), never)).toMatch(/^250/);
  const [text = ''] = mail.mails;
  expect(text).toContain('Message-ID: <run-1@sluice>');
  expect(text).toContain('Content-Type: application/pdf');
  expect(text).toContain(Buffer.from('%PDF-1.3 x').toString('base64'));
});

test('who does not exist is refused for good; without a server there is no mailer', async () => {
  mail.refusedTo.set('nobody@example.com', 550);
  const send = await mailer(server());
  await expect(send?.(letter('nobody@example.com'), never)).rejects.toMatchObject({ code: 'receiver-refused' });
  expect(await mailer()).toBeUndefined();
});

import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeMailer } from '../../../monitor/notify/channels/make-channels.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';

const mails: string[] = [];
const smtp = new SMTPServer({
  disabledCommands: ['STARTTLS'],
  authOptional: true,
  onRcptTo: ({ address }, _session, done) =>
    done(address.startsWith('nobody') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : undefined),
  onData(stream, _session, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      mails.push(Buffer.concat(chunks).toString('utf8'));
      done();
    });
  },
});
let port = 0;
beforeAll(async () => {
  const server = smtp.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => new Promise<void>((resolve) => smtp.close(resolve)));

const mailer = async (more = '') => {
  const { notify } = parseHubSettings(`
dataDir: /d
notify:
  receivers: {}
${more}`);
  return notify && makeMailer(notify, {}, 5000);
};
const server = () => `  smtp: { host: 127.0.0.1, port: ${port}, tls: none, from: hub@example.com }`;
const letter = (to: string) => ({
  ...{ to: [to], subject: '일일 보고서', text: '알람 3건', id: 'run-1' },
  attachments: [{ filename: '보고서.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1.3 x') }],
});
const never = new AbortController().signal;

test('a letter with its file reaches a real mail server', async () => {
  const send = await mailer(server());
  expect(await send?.(letter('chief@example.com'), never)).toMatch(/^250/);
  const [mail = ''] = mails;
  expect(mail).toContain('Message-ID: <run-1@sluice>');
  expect(mail).toContain('Content-Type: application/pdf');
  expect(mail).toContain(Buffer.from('%PDF-1.3 x').toString('base64'));
});

test('who does not exist is refused for good; without a server there is no mailer', async () => {
  const send = await mailer(server());
  await expect(send?.(letter('nobody@example.com'), never)).rejects.toMatchObject({ code: 'receiver-refused' });
  expect(await mailer()).toBeUndefined();
});

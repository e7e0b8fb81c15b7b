import { SMTPServer } from 'smtp-server';

/** A mail server on loopback that takes and refuses as a test wants. */
export class MailReceiver {
  readonly mails: string[] = [];
  /** To whom each mail was, beside it. */
  readonly envelopes: string[][] = [];
  /** Recipients that are refused, and by what. */
  readonly refusedTo = new Map<string, number>();
  /** Of every mail, after it was read. */
  refusal: { readonly code: number; readonly text: string } | undefined;
  port = 0;
  readonly #server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    onRcptTo: ({ address }, _session, done) => {
      const code = this.refusedTo.get(address);
      done(code === undefined ? undefined : answer(code, 'not here'));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (this.refusal) return done(answer(this.refusal.code, this.refusal.text));
        this.envelopes.push(session.envelope.rcptTo.map(({ address }) => address));
        this.mails.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
  });

  static async start(): Promise<MailReceiver> {
    const receiver = new MailReceiver();
    const server = receiver.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    receiver.port = (server.address() as { port: number }).port;
    return receiver;
  }

  /** What stands below `smtp:`. */
  get settings(): string {
    return `{ host: 127.0.0.1, port: ${this.port}, tls: none, from: sluice@plant.test }`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function answer(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

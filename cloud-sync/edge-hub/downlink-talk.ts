import type { Log } from '../../core/log.ts';
import { catalogueDocuments, desiredSchema, TextParts, textParts } from '../protocol/document.ts';
import { type Command, commandSchema, type Result } from '../protocol/downlink.ts';
import { encodeMessage, fetchSchema, parseMessage } from '../protocol/messages.ts';
import type { DownKind } from '../protocol/topics.ts';
import { writeOf } from '../protocol/writes.ts';
import type { Downlink } from './downlink.ts';
import type { Link } from './link.ts';
import type { Outbox } from './outbox.ts';

export interface TalkOptions {
  readonly outbox: Pick<Outbox, 'catalogue'>;
  readonly downlink: Downlink | undefined;
  /** The hub's clock, as this session has measured it. */
  readonly hubNow: () => number;
  readonly log: Log;
}

/** The gateway's end of what goes down within one connection: fetched documents, wanted texts, orders. */
export class DownlinkTalk {
  readonly #options: TalkOptions;
  readonly #parts = { config: new TextParts(), twins: new TextParts() };

  constructor(options: TalkOptions) {
    this.#options = options;
  }

  heard(): void {
    this.#options.downlink?.heard();
  }

  receive(kind: DownKind, payload: Buffer, link: Link): void {
    this.heard();
    if (kind === 'fetch') this.#fetch(payload, link);
    if (kind === 'desired') this.#desired(payload);
    if (kind === 'command') this.#command(payload, link);
  }

  #fetch(payload: Buffer, link: Link): void {
    const { outbox, downlink, log } = this.#options;
    const fetch = parseMessage(fetchSchema, payload);
    if (fetch?.what === 'catalogue') {
      for (const document of catalogueDocuments(outbox.catalogue())) link.publish('document', encodeMessage(document));
      return;
    }
    if (downlink === undefined || fetch === undefined) return;
    const name = fetch.what;
    downlink.document(name, fetch.version).then(
      (document) => {
        if (document === undefined)
          return log.warn({ name, version: fetch.version }, 'the hub asks for what is not here');
        for (const part of textParts(document.text, document.version))
          link.publish('document', encodeMessage({ name, ...part }));
        return undefined;
      },
      (error: unknown) => log.warn({ name, error: String(error) }, 'a document could not be sent'),
    );
  }

  #desired(payload: Buffer): void {
    const { downlink, log } = this.#options;
    for (const { what, ...part } of parseMessage(desiredSchema, payload)?.documents ?? []) {
      const whole = this.#parts[what].add(part);
      if (whole === undefined) log.warn({ what, version: part.version }, 'what the hub wants is not what it says');
      else if (whole !== 'incomplete')
        downlink?.desired(what, { version: part.version, hash: part.hash, text: whole.text });
    }
  }

  #command(payload: Buffer, link: Link): void {
    const { downlink, hubNow } = this.#options;
    const command: Command | undefined = parseMessage(commandSchema, payload);
    if (command === undefined || downlink === undefined) return;
    const write = writeOf(command);
    const answer = (result: Result) => link.publish('result', encodeMessage(result));
    if (write) downlink.write(write);
    else if (command.expires < hubNow()) answer({ id: command.id, state: 'refused', code: 'request-expired' });
    else downlink.command(command, answer);
  }
}

import type { Log } from '../../core/log.ts';
import { type DocumentPart, TextParts, textParts } from '../protocol/document.ts';
import { type Result, resultSchema } from '../protocol/downlink.ts';
import { encodeMessage, type Hello, parseMessage } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { DownKind } from '../protocol/topics.ts';
import { isTwinResult, type TwinStand, twinStandSchema } from '../protocol/twins.ts';
import { isWriteId, outcomeOf } from '../protocol/writes.ts';
import type { WriteStore } from './write-store.ts';

export interface WriteLineOptions {
  readonly store: WriteStore;
  readonly send: (gateway: GatewayId, kind: DownKind, payload: Buffer) => void;
  readonly log: Log;
}

interface Talk {
  /** Undefined: it knows no twins. */
  held: TwinStand['held'] | undefined;
  /** Which process of the gateway this is: another one after each of its starts. */
  readonly process: string;
  /** Version of the twins that were sent in this session. */
  sentTwins: number;
  /** Commands that were sent in this session. */
  readonly sent: Set<string>;
  readonly parts: TextParts;
  turn: Promise<void>;
}

/** The hub's end of writes: twins and commands go to a gateway in the order in which they were wanted, in every session until answered. */
export class WriteLine {
  readonly #options: WriteLineOptions;
  readonly #talks = new Map<GatewayId, Talk>();

  constructor(options: WriteLineOptions) {
    this.#options = options;
  }

  onSession(gateway: GatewayId, state: 'online' | 'offline', hello?: Hello): void {
    if (state === 'offline') {
      this.#talks.delete(gateway);
      return;
    }
    const held = hello?.twins;
    // Gateways of earlier releases do not say; their boots are counted.
    const process = hello?.instance ?? `boot ${hello?.boot}`;
    const talk: Talk = {
      held,
      process,
      sentTwins: 0,
      sent: new Set(),
      parts: new TextParts(),
      turn: Promise.resolve(),
    };
    this.#talks.set(gateway, talk);
    this.#inTurn(gateway, talk, async () => {
      if (held && (await this.#options.store.holdsTwins(gateway, held)))
        this.#options.send(gateway, 'fetch', encodeMessage({ what: 'twins' }));
      await this.#send(gateway, talk);
    });
  }

  /** Something is wanted of it. */
  wants(gateway: GatewayId): void {
    const talk = this.#talks.get(gateway);
    if (talk) this.#inTurn(gateway, talk, () => this.#send(gateway, talk));
  }

  /** True if it was an answer to what is sent here. */
  onResult(gateway: GatewayId, payload: Buffer): boolean {
    const result = parseMessage(resultSchema, payload);
    const talk = this.#talks.get(gateway);
    if (result === undefined || talk === undefined) return false;
    if (isTwinResult(result)) this.#inTurn(gateway, talk, () => this.#onStand(gateway, talk, result));
    else if (isWriteId(result.id)) this.#inTurn(gateway, talk, () => this.#onOutcome(gateway, talk, result));
    else return false;
    return true;
  }

  onDocument(gateway: GatewayId, part: DocumentPart): void {
    const talk = this.#talks.get(gateway);
    const whole = talk?.parts.add(part);
    if (talk === undefined || whole === 'incomplete') return;
    if (whole === undefined) {
      this.#options.log.warn({ gateway, what: part.name }, 'a document is not what it says');
      return;
    }
    this.#inTurn(gateway, talk, async () => {
      await this.#options.store.receivedTwins(gateway, { version: part.version, text: whole.text });
      await this.#send(gateway, talk);
    });
  }

  async #onStand(gateway: GatewayId, talk: Talk, { body }: Result): Promise<void> {
    const stand = twinStandSchema.safeParse(body);
    if (!stand.success) {
      this.#options.log.warn({ gateway }, 'an answer breaks its schema');
      return;
    }
    talk.held = stand.data.held;
    await this.#options.store.twinsStand(gateway, stand.data);
  }

  async #onOutcome(gateway: GatewayId, talk: Talk, result: Result): Promise<void> {
    const outcome = outcomeOf(result);
    if (outcome === undefined) return this.#options.log.warn({ gateway }, 'an answer breaks its schema');
    await this.#options.store.wrote(gateway, result.id, outcome);
    // What was wanted before a command that wrote nothing is wanted again.
    await this.#send(gateway, talk);
  }

  /** The twins first: a command replaces a wanted value, and the gateway is to know that before it carries it out. */
  async #send(gateway: GatewayId, talk: Talk): Promise<void> {
    const { store, send, log } = this.#options;
    const commands = (await store.sending(gateway, talk.process)).filter(({ id }) => !talk.sent.has(id));
    // After them: a command that has expired meanwhile gives back what was wanted before it.
    const twins = talk.held && (await store.wantedTwins(gateway));
    if (this.#talks.get(gateway) !== talk) return;
    if (twins && twins.version > Math.max(talk.held?.version ?? 0, talk.sentTwins)) {
      talk.sentTwins = twins.version;
      log.info({ gateway, version: twins.version }, 'wanted values are sent');
      for (const part of textParts(twins.text, twins.version))
        send(gateway, 'desired', encodeMessage({ documents: [{ what: 'twins', ...part }] }));
    }
    for (const command of commands) {
      talk.sent.add(command.id);
      send(gateway, 'command', encodeMessage(command));
    }
  }

  #inTurn(gateway: GatewayId, talk: Talk, work: () => Promise<void>): void {
    talk.turn = talk.turn.then(work).catch((error: unknown) => {
      this.#options.log.warn({ gateway, error: String(error) }, 'writes of a gateway could not be looked after');
    });
  }
}

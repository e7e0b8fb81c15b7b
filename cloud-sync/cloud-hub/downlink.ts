import type { Log } from '../../core/log.ts';
import { type DocumentPart, TextParts, textParts } from '../protocol/document.ts';
import { type Command, type ConfigStand, configStandSchema, type Result, resultSchema } from '../protocol/downlink.ts';
import { encodeMessage, type Hello, parseMessage } from '../protocol/messages.ts';
import type { GatewayId } from '../protocol/numbers.ts';
import type { DownKind } from '../protocol/topics.ts';
import type { DownlinkStore } from './downlink-store.ts';

export interface DownlinkOptions {
  readonly store: DownlinkStore;
  readonly send: (gateway: GatewayId, kind: DownKind, payload: Buffer) => void;
  readonly log: Log;
}

interface Talk {
  /** As it said last in this session. */
  stand: ConfigStand | undefined;
  readonly parts: Map<DocumentPart['name'], TextParts>;
  /** Of the store, one thing after the other. */
  turn: Promise<void>;
}

/** The hub's end of what goes down: brings each gateway what is wanted of it, in every session until it holds it. */
export class Downlink {
  readonly #options: DownlinkOptions;
  /** Of gateways in a session. */
  readonly #talks = new Map<GatewayId, Talk>();

  constructor(options: DownlinkOptions) {
    this.#options = options;
  }

  onSession(gateway: GatewayId, state: 'online' | 'offline', hello?: Hello): void {
    if (state === 'offline') {
      this.#talks.delete(gateway);
      return;
    }
    this.#talks.set(gateway, { stand: undefined, parts: new Map(), turn: Promise.resolve() });
    if (hello?.config) this.#stands(gateway, hello.config);
  }

  isThere(gateway: GatewayId): boolean {
    return this.#talks.has(gateway);
  }

  /** Something else is wanted of it now. */
  wants(gateway: GatewayId): void {
    const talk = this.#talks.get(gateway);
    if (talk) this.#inTurn(gateway, talk, () => this.#sendWanted(gateway, talk));
  }

  /** False if the gateway is not there. */
  command(gateway: GatewayId, command: Command): boolean {
    if (!this.isThere(gateway)) return false;
    this.#options.send(gateway, 'command', encodeMessage(command));
    return true;
  }

  onResult(gateway: GatewayId, payload: Buffer): void {
    const result = parseMessage(resultSchema, payload);
    if (result === undefined) this.#options.log.warn({ gateway }, 'an answer breaks its schema');
    else if (result.id.startsWith('config-')) this.#onStand(gateway, result);
    else this.#options.store.answered(gateway, result);
  }

  onDocument(gateway: GatewayId, part: DocumentPart): void {
    const { store, log } = this.#options;
    const talk = this.#talks.get(gateway);
    if (talk === undefined || part.name === 'catalogue' || part.name === 'twins') return;
    const what = part.name;
    const parts = talk.parts.get(what) ?? new TextParts();
    talk.parts.set(what, parts);
    const whole = parts.add(part);
    if (whole === undefined) log.warn({ gateway, what }, 'a document is not what it says');
    else if (whole !== 'incomplete')
      this.#inTurn(gateway, talk, async () => {
        await store.received(gateway, what, { version: part.version, text: whole.text });
        await this.#sendWanted(gateway, talk);
      });
  }

  #onStand(gateway: GatewayId, { body }: Result): void {
    const stand = configStandSchema.safeParse(body);
    if (stand.success) this.#stands(gateway, stand.data);
    else this.#options.log.warn({ gateway }, 'an answer breaks its schema');
  }

  #stands(gateway: GatewayId, stand: ConfigStand): void {
    const talk = this.#talks.get(gateway);
    if (talk === undefined) return;
    talk.stand = stand;
    this.#inTurn(gateway, talk, async () => {
      for (const missing of await this.#options.store.stands(gateway, stand))
        this.#options.send(gateway, 'fetch', encodeMessage(missing));
      await this.#sendWanted(gateway, talk);
    });
  }

  /** If it is newer than what the gateway holds. */
  async #sendWanted(gateway: GatewayId, talk: Talk): Promise<void> {
    const wanted = await this.#options.store.wanted(gateway);
    const { stand } = talk;
    if (wanted === undefined || stand?.managed !== 'hub' || wanted.version <= stand.held.version) return;
    if (this.#talks.get(gateway) !== talk) return;
    this.#options.log.info({ gateway, version: wanted.version }, 'a configuration is sent');
    for (const part of textParts(wanted.text, wanted.version))
      this.#options.send(gateway, 'desired', encodeMessage({ documents: [{ what: 'config', ...part }] }));
  }

  #inTurn(gateway: GatewayId, talk: Talk, work: () => Promise<void>): void {
    talk.turn = talk.turn.then(work).catch((error: unknown) => {
      this.#options.log.warn({ gateway, error: String(error) }, 'what is wanted of a gateway could not be looked up');
    });
  }
}

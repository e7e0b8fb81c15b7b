import { hashOf } from '../../../cloud-sync/protocol/document.ts';
import type { ConfigStand } from '../../../cloud-sync/protocol/downlink.ts';
import type { TestHub } from '../support/hub.ts';

/** As a gateway publishes it: only devices with a name and one of three intervals. */
const SCHEMA = JSON.stringify({
  schema: {
    type: 'object',
    properties: {
      channels: { type: 'array' },
      devices: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: { type: 'string' }, every: { enum: ['1s', '5s', '9s'] } },
          additionalProperties: false,
        },
      },
    },
  },
  profiles: [],
  drivers: [],
});
export const textOf = (gateway: string, every = '1s') => `devices:\n  - { name: meter-${gateway}, every: ${every} }\n`;

/** What stands on the other side: it does with a configuration what it is told here. */
export class FakeGateway {
  does: 'applies' | 'refuses' | 'returns' = 'applies';
  /** Every version that it was given. */
  readonly held: number[] = [];
  readonly #hub: TestHub;
  readonly #id: string;
  #works = { version: 0, text: '' };

  constructor(hub: TestHub, id: string) {
    this.#hub = hub;
    this.#id = id;
    this.#works = { version: 0, text: textOf(id) };
  }

  get text(): string {
    return this.#works.text;
  }

  async comes(): Promise<void> {
    this.#hub.fleet.onSession(this.#id, 'online');
    await this.#stands(this.#works, 'good');
    await this.takes();
  }

  goes(): void {
    this.#hub.fleet.onSession(this.#id, 'offline');
  }

  async takes(): Promise<void> {
    const wanted = await this.#hub.configs.wanted(this.#id);
    if (wanted === undefined || wanted.version <= (this.held.at(-1) ?? 0)) return;
    if (this.#hub.fleet.link(this.#id).state === 'offline') return;
    this.held.push(wanted.version);
    if (this.does === 'applies') this.#works = wanted;
    const state = { applies: 'good', refuses: 'refused', returns: 'returned' } as const;
    await this.#stands(wanted, state[this.does]);
  }

  async #stands({ version, text }: { readonly version: number; readonly text: string }, state: ConfigStand['state']) {
    const place = (at: { readonly version: number; readonly text: string }) => ({
      version: at.version,
      hash: hashOf(at.text),
    });
    const stand: ConfigStand = {
      ...{ managed: 'hub', held: place({ version, text }), applied: place(this.#works), state },
      schema: hashOf(SCHEMA),
    };
    for (const { what, version: at } of await this.#hub.configs.stands(this.#id, stand))
      await this.#hub.configs.received(this.#id, what, {
        version: at ?? 0,
        text: what === 'schema' ? SCHEMA : this.#works.text,
      });
  }
}

import type { BrowserContext, Page } from 'playwright-core';
import { setLanguage } from '../../monitor/dashboard/src/data/i18n.ts';
import { keyFor } from './make-round.ts';
import { Site } from './site.ts';
import { SluiceProcess } from './sluice-process.ts';
import { type Language, type Size, signIn, TestBrowser, withKey } from './test-browser.ts';

const PLANT = `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }
devices:
  - name: boiler
    channel: tcp-plc
    unitId: 2
    every: 500ms
    title: { en: Boiler, ko: 보일러 }
    points:
      water: { unit: °C, title: { en: Water temperature, ko: 수온 }, address: { table: holding, register: 40, type: int16 } }
    alarms:
      - { point: water, above: 0, onDelay: 1s, priority: high, text: { en: Boiler water too hot, ko: 보일러 수온 높음 }, action: { en: Check the burner, ko: 버너 확인 } }
`;
const PASSWORD = 'a long enough password';

const POINT = 'e2e/boiler/water';
export const FLOOR = {
  ...{ name: 'Boiler house', aspect: 1.6, widthMetres: 20 },
  rooms: [
    {
      id: 'room-1',
      name: 'Hall',
      outline: [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.9, 0.9],
        [0.1, 0.9],
      ],
    },
  ],
  zones: [
    {
      id: 'zone-1',
      name: 'Burner',
      outline: [
        [0.3, 0.3],
        [0.7, 0.3],
        [0.7, 0.7],
        [0.3, 0.7],
      ],
      devices: ['e2e/boiler'],
    },
  ],
  markers: [
    { id: 'marker-1', x: 0.5, y: 0.5, point: POINT },
    { id: 'marker-2', x: 0.5, y: 0.52, device: 'e2e/boiler' },
    { id: 'marker-3', x: 0.2, y: 0.2, point: 'e2e/boiler/gone' },
    { id: 'marker-4', x: 0.8, y: 0.2, gateway: 'e2e' },
  ],
};
/** As somebody leaves it who wants to read it. */
export const APART = {
  ...FLOOR,
  markers: [
    { id: 'marker-1', x: 0.5, y: 0.5, point: POINT },
    { id: 'marker-2', x: 0.5, y: 0.8, device: 'e2e/boiler' },
    { id: 'marker-4', x: 0.8, y: 0.24, gateway: 'e2e' },
  ],
};
export const BOARD = {
  name: 'Boiler',
  tiles: [
    { id: 'tile-1', kind: 'gauge', x: 0, y: 0, width: 4, height: 4, point: POINT, from: 0, to: 100 },
    { id: 'tile-2', kind: 'trend', x: 4, y: 0, width: 8, height: 5, points: [POINT], range: '15m' },
    { id: 'tile-3', kind: 'table', x: 0, y: 5, width: 6, height: 4, points: [POINT, 'e2e/boiler/gone'] },
    { id: 'tile-4', kind: 'alarms', x: 6, y: 5, width: 6, height: 4 },
    { id: 'tile-5', kind: 'text', x: 0, y: 9, width: 6, height: 3, text: '<b>not bold</b>' },
    { id: 'tile-6', kind: 'value', x: 6, y: 9, width: 6, height: 3, point: 'e2e/boiler/gone' },
  ],
};

/** A plant with one hot boiler, a person who may edit, and a plan and a board of it. */
export class PlanSite {
  readonly site: Site;
  readonly chrome: TestBrowser;

  private constructor(site: Site, chrome: TestBrowser) {
    this.site = site;
    this.chrome = chrome;
  }

  static async start(): Promise<PlanSite> {
    const world = new PlanSite(await Site.start({ plant: PLANT }), await TestBrowser.start());
    try {
      await world.#fill();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async #fill(): Promise<void> {
    const { site } = this;
    const adding = new SluiceProcess([
      ...['user', 'add', 'kim', '--role', 'admin', '--password-stdin', '--data', site.hubDir],
    ]);
    adding.say(PASSWORD);
    if ((await adding.exited) !== 0) throw new Error(adding.text);
    await site.until(async () => (await site.latest()).has('boiler/water'), 'a value at the hub');
    const alarms = async () => (await site.json<{ alarms: unknown[] }>('/api/v1/alarms?state=active')).alarms;
    await site.until(async () => (await alarms()).length > 0, 'an alarm at the hub');
    const [context] = await this.open('en', 'desktop');
    await this.place(context, 'floor-plan/a-house', FLOOR);
    await this.place(context, 'board/a-board', BOARD);
    await context.close();
  }

  get url(): string {
    return this.site.url;
  }

  /** A page of somebody new, and the texts of the tests in the same language. */
  async open(
    language: Language,
    size: Size,
    who: 'admin' | 'demo' | 'operator' = 'admin',
  ): Promise<[BrowserContext, Page]> {
    setLanguage(language);
    const key = who === 'operator' ? withKey(await keyFor(this.site, who)) : {};
    const [context, page] = await this.chrome.open(language, size, key);
    if (who === 'admin') await signIn(context, this.url, 'kim', PASSWORD);
    return [context, page];
  }

  /** Puts a document on the hub, over whatever stands there. */
  async place(context: BrowserContext, path: string, body: object): Promise<void> {
    const url = `${this.url}/api/v1/documents/${path}`;
    const held = await context.request.get(url);
    const from = held.ok() ? ((await held.json()) as { version: number }).version : 0;
    const answer = await context.request.post(url, { data: { from, body } });
    if (!answer.ok()) throw new Error(await answer.text());
  }

  async stop(): Promise<void> {
    await this.chrome.stop();
    await this.site.stop();
  }
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findTool } from '../support/tools.ts';
import { followRequests } from './page-rest.ts';

export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;
export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];

const LOCALES = { en: 'en-GB', ko: 'ko-KR' } as const;
/** A busy machine takes its time. */
const PATIENCE_MS = 30_000;

/** How Chromium is started: without a screen, and without a word to anybody but the hub. */
export const launchOptions = () => ({
  executablePath: findTool('chromium'),
  args: [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
  ],
});

/** Chromium, and what its pages complained of: what was thrown, and what broke the content security policy. */
export class TestBrowser {
  readonly complaints: string[] = [];
  readonly browser: Browser;

  private constructor(browser: Browser) {
    this.browser = browser;
  }

  static async start(): Promise<TestBrowser> {
    return new TestBrowser(await chromium.launch(launchOptions()));
  }

  /** Somebody who has not been here before. */
  visitor(language: Language, size: Size, options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.browser.newContext({ viewport: SIZES[size], locale: LOCALES[language], ...options });
  }

  page(context: BrowserContext): Promise<Page> {
    return watchedPage(context, this.complaints);
  }

  /** A page of a new visitor. */
  async open(language: Language, size: Size, options?: BrowserContextOptions): Promise<[BrowserContext, Page]> {
    const context = await this.visitor(language, size, options);
    return [context, await this.page(context)];
  }

  stop(): Promise<void> {
    return this.browser.close();
  }
}

export async function watchedPage(context: BrowserContext, complaints: string[]): Promise<Page> {
  const page = await context.newPage();
  followRequests(page);
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  return page;
}

/** For a browser that comes with an API key. */
export function withKey(key: string): BrowserContextOptions {
  return { extraHTTPHeaders: { authorization: `Bearer ${key}` } };
}

/** Everybody in this context is this person from now on. */
export async function signIn(context: BrowserContext, url: string, name: string, password: string): Promise<void> {
  const answer = await context.request.post(`${url}/api/v1/login`, { data: { name, password } });
  if (!answer.ok()) throw new Error(`${answer.status()} ${await answer.text()}`);
}

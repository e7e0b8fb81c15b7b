/** What a key asks for. `g` waits for the letter of a page. */
export type Asked =
  | { readonly do: 'help' | 'search' | 'find' | 'wait' | 'nothing' }
  | { readonly do: 'go'; readonly page: string };

export interface Pressed {
  readonly key: string;
  /** Ctrl, or Cmd. */
  readonly isCommand: boolean;
  readonly isTyping: boolean;
  /** The key before was `g`. */
  readonly isWaiting: boolean;
}

export interface Lettered {
  readonly key: string;
  readonly letter?: string;
}

const NOTHING: Asked = { do: 'nothing' };

/** Single letters can be switched off, for people who speak to their computer [WCAG 2.1.4]. */
export function askedBy(pressed: Pressed, pages: readonly Lettered[], lettersOn: boolean): Asked {
  const { key, isCommand, isTyping, isWaiting } = pressed;
  if (isCommand) return key.toLowerCase() === 'k' ? { do: 'search' } : NOTHING;
  if (isTyping || !lettersOn) return NOTHING;
  if (isWaiting) {
    const page = pages.find(({ letter }) => letter === key);
    return page ? { do: 'go', page: page.key } : NOTHING;
  }
  if (key === '?') return { do: 'help' };
  if (key === '/') return { do: 'find' };
  return key === 'g' ? { do: 'wait' } : NOTHING;
}

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';

/** Regular and bold; each PDF holds only the characters that it shows. */
export interface Fonts {
  readonly regular: Font;
  readonly bold: Font;
}

/** A glyph without outline at the end of the file: fontkit reads its header although there is none. */
const PADDING = Buffer.alloc(16);
const MISSING = '□';

/** Nanum Gothic: every Hangul syllable, Latin, and the signs of measuring. [SIL Open Font License 1.1] */
export async function loadFonts(): Promise<Fonts> {
  const [regular, bold] = await Promise.all([loadFont('400Regular'), loadFont('700Bold')]);
  return { regular, bold };
}

async function loadFont(weight: string): Promise<Font> {
  const find = createRequire(import.meta.url);
  const bytes = await readFile(find.resolve(`@expo-google-fonts/nanum-gothic/${weight}/NanumGothic_${weight}.ttf`));
  return create(Buffer.concat([bytes, PADDING])) as Font;
}

/** What the font can show: ㎡ as m2, é as e, and a box for what it has nothing like. */
export function showable(text: string, font: Font): string {
  const held = known.get(font) ?? new Map<string, string>();
  known.set(font, held);
  const shown = (character: string) => {
    const found = held.get(character) ?? (hasAll(character, font) ? character : near(character, font));
    held.set(character, found);
    return found;
  };
  return [...text.replace(/\s+/g, ' ')].map(shown).join('');
}

/** What each character is shown as, by font. */
const known = new WeakMap<Font, Map<string, string>>();

function near(character: string, font: Font): string {
  const whole = character.normalize('NFKC');
  if (hasAll(whole, font)) return whole;
  const [base = ''] = character.normalize('NFKD');
  return base !== '' && hasAll(base, font) ? base : MISSING;
}

function hasAll(text: string, font: Font): boolean {
  return [...text].every((character) => font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0));
}

import PDFDocument from 'pdfkit';
import { instant } from '../../../core/clock.ts';
import type { Report } from '../report.ts';
import { type Fonts, showable } from './fonts.ts';

type Pdf = InstanceType<typeof PDFDocument>;

/** A4 in points of 1/72 inch. */
export const PAGE = { width: 595.28, height: 841.89, left: 40, right: 40, top: 58, bottom: 46 } as const;
export const INNER = PAGE.width - PAGE.left - PAGE.right;
export const INK = { text: '#1f2328', muted: '#57606a', line: '#4b5563', rule: '#d8dce1', fill: '#eceef0' } as const;

export interface TextLook {
  readonly size?: number;
  readonly isBold?: boolean;
  readonly colour?: string;
  /** In points; left out: as long as it is. */
  readonly width?: number;
  readonly align?: 'left' | 'right' | 'center';
}

/** Paper: knows how far down it is written, and takes a new page when there is no room. */
export class Sheet {
  readonly pdf: Pdf;
  readonly #fonts: Fonts;
  readonly #bytes: Promise<Buffer>;
  y: number = PAGE.top;

  constructor(fonts: Fonts, { title, site, period, madeAt }: Report) {
    this.#fonts = fonts;
    this.pdf = new PDFDocument({
      size: 'A4',
      bufferPages: true,
      // The default would be read from disk, and never shown.
      font: '',
      margin: 0,
      lang: 'ko',
      info: {
        Title: `${title} · ${site} · ${period}`,
        Creator: 'Sluice',
        Producer: 'Sluice',
        CreationDate: instant(madeAt),
      },
    });
    this.pdf.registerFont('regular', fonts.regular as never);
    this.pdf.registerFont('bold', fonts.bold as never);
    const parts: Buffer[] = [];
    this.#bytes = new Promise((resolve, reject) => {
      this.pdf.on('data', (part: Buffer) => parts.push(part));
      this.pdf.on('end', () => resolve(Buffer.concat(parts)));
      this.pdf.on('error', reject);
    });
  }

  /** Room left on this page, in points. */
  get room(): number {
    return PAGE.height - PAGE.bottom - this.y;
  }

  /** Takes a new page unless there is room for so much. */
  need(height: number): void {
    if (this.room >= height) return;
    this.pdf.addPage();
    this.y = PAGE.top;
  }

  width(text: string, { size = 9, isBold = false }: TextLook = {}): number {
    this.#use(size, isBold);
    return this.pdf.widthOfString(this.#shown(text, isBold));
  }

  /** One line, cut at nothing. */
  line(text: string, x: number, y: number, look: TextLook = {}): void {
    const { size = 9, isBold = false, colour = INK.text, width, align = 'left' } = look;
    const shown = this.#shown(text, isBold);
    this.#use(size, isBold);
    const own = width === undefined || align === 'left' ? 0 : width - this.pdf.widthOfString(shown);
    const shift = align === 'center' ? own / 2 : own;
    this.pdf.fillColor(colour).text(shown, x + shift, y, { lineBreak: false });
  }

  /** Text in lines no wider than `width`: broken at spaces, and within a word where it must be, as Hangul may. */
  wrap(text: string, width: number, look: TextLook = {}): readonly string[] {
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(/(?<=\s)/)) {
      if (this.width(line + word.trimEnd(), look) <= width) {
        line += word;
        continue;
      }
      if (line.trim() !== '') lines.push(line.trimEnd());
      line = '';
      for (const character of word) {
        if (line !== '' && this.width(line + character, look) > width) {
          lines.push(line);
          line = '';
        }
        line += character;
      }
    }
    if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd());
    return lines;
  }

  /** Writes on every page, once all of them are there. */
  onEachPage(draw: (page: number, pages: number) => void): void {
    const { start, count } = this.pdf.bufferedPageRange();
    for (let page = start; page < start + count; page++) {
      this.pdf.switchToPage(page);
      draw(page + 1, count);
    }
  }

  end(): Promise<Buffer> {
    this.pdf.end();
    return this.#bytes;
  }

  #shown(text: string, isBold: boolean): string {
    return showable(text, isBold ? this.#fonts.bold : this.#fonts.regular);
  }

  #use(size: number, isBold: boolean): void {
    this.pdf.font(isBold ? 'bold' : 'regular').fontSize(size);
  }
}

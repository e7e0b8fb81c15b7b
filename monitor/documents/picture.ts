import { createHash } from 'node:crypto';
import { parseXml, type XmlElement } from '@rgrove/parse-xml';
import { imageSize } from 'image-size';
import { Fault } from '../../core/faults.ts';

export const MOST_PICTURE_BYTES = 5 * 1024 * 1024;
/** A small file may unpack to more than a browser can draw. */
const MOST_PIXELS_A_SIDE = 12_000;

const TYPES = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp', svg: 'image/svg+xml' } as const;
export type PictureType = (typeof TYPES)[keyof typeof TYPES];
export const PICTURE_TYPES: readonly PictureType[] = Object.values(TYPES);

/** What a picture turned out to be; sides are in pixels, or in the units of an SVG. */
export interface Picture {
  /** From its bytes: the same picture is kept once. */
  readonly id: string;
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/** Looks at the bytes, not at what they are called. Throws Fault picture-refused. */
export function checkPicture(bytes: Buffer): Picture {
  if (bytes.length > MOST_PICTURE_BYTES) throw tooLarge(bytes.length);
  const size = IS_XML.test(bytes.toString('utf8', 0, 512)) ? checkSvg(bytes) : checkPixels(bytes);
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 32), bytes, ...size };
}

export function tooLarge(bytes: number): Fault {
  const megabytes = (n: number) => `${Math.round((n / 1024 / 1024) * 10) / 10} MB`;
  return new Fault(
    'picture-refused',
    `it has ${megabytes(bytes)}, and at most ${megabytes(MOST_PICTURE_BYTES)} are taken`,
  );
}

const IS_XML = /^\uFEFF?\s*</;

type Size = Pick<Picture, 'type' | 'width' | 'height'>;

function checkPixels(bytes: Buffer): Size {
  const { type, width, height } = sizeOf(bytes);
  const known = TYPES[type as keyof typeof TYPES];
  if (known === undefined) throw new Fault('picture-refused', `it is ${type}, and PNG, JPEG, WebP or SVG are taken`);
  if (width < 1 || height < 1) throw new Fault('picture-refused', 'it has no size');
  if (Math.max(width, height) > MOST_PIXELS_A_SIDE)
    throw new Fault('picture-refused', `it is ${width} by ${height} pixels; a side has at most ${MOST_PIXELS_A_SIDE}`);
  return { type: known, width, height };
}

function sizeOf(bytes: Buffer): { readonly type: string; readonly width: number; readonly height: number } {
  try {
    const { type = 'unknown', width, height } = imageSize(bytes);
    return { type, width, height };
  } catch (cause) {
    throw new Fault('picture-refused', 'it is not a picture, or it is damaged', { cause });
  }
}

/** Well-formed, and with a size. It never runs: the page shows it as a picture, and it is sent with a policy that allows nothing. */
function checkSvg(bytes: Buffer): Size {
  const root = rootOf(bytes);
  if (root?.name !== 'svg')
    throw new Fault('picture-refused', `it is XML, but ${root?.name ?? 'nothing'} is no picture`);
  const { viewBox = '', width = '', height = '' } = root.attributes;
  const box = viewBox
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [wide, high] = box.length === 4 ? box.slice(2) : [Number.parseFloat(width), Number.parseFloat(height)];
  if (!(wide !== undefined && wide > 0 && high !== undefined && high > 0))
    throw new Fault('picture-refused', 'the SVG says neither its viewBox nor its width and height');
  return { type: TYPES.svg, width: wide, height: high };
}

function rootOf(bytes: Buffer): XmlElement | null {
  try {
    return parseXml(bytes.toString('utf8')).root;
  } catch (cause) {
    const [reason = ''] = String((cause as Error).message).split('\n');
    throw new Fault('picture-refused', `the SVG is not well-formed: ${reason}`, { cause });
  }
}

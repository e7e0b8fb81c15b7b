import { NUMBER_MODELS } from './bit-models.ts';

/** Where each part of a readings body keeps its models. The order is part of the format. */
let size = 0;
function take(models: number): number {
  const at = size;
  size += models;
  return at;
}

/** By width of the value before it, so that quiet points are cheap beside lively ones. */
const LIVELINESS = 8;

export const BODY = {
  columns: take(NUMBER_MODELS),
  stamps: take(NUMBER_MODELS),
  stampStep: take(NUMBER_MODELS),
  point: take(NUMBER_MODELS),
  length: take(NUMBER_MODELS),
  sameTimes: take(1),
  firstStamp: take(NUMBER_MODELS),
  nextStamp: take(NUMBER_MODELS),
  encoding: take(16),
  hasFaults: take(1),
  isFault: take(2),
  fault: take(256),
  isNegative: take(1),
  first: take(NUMBER_MODELS),
  delta: take(NUMBER_MODELS * LIVELINESS),
  xor32: take(NUMBER_MODELS * LIVELINESS),
  xor64: take(NUMBER_MODELS * LIVELINESS),
  boolean: take(3),
  text: take(NUMBER_MODELS),
  textLength: take(NUMBER_MODELS),
} as const;

export const BODY_MODELS = size;

/** Models for a value after one that was `width` bits wide. */
export function lively(models: number, width: number): number {
  return models + NUMBER_MODELS * (width < 4 ? width : width < 7 ? 4 : width < 11 ? 5 : width < 16 ? 6 : 7);
}

/** Taken for the width of the value before the first step of a column. */
export const START_WIDTH = 4;

/** How a column's values are written: scaled integers by decimal places 0..6, then these. */
export const PLACES = 7;
export const FLOAT32 = 7;
export const FLOAT64 = 8;
export const BOOLEAN = 9;
export const TEXT = 10;

export const POWERS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] as const;

/** Scaled integers beyond this are written as float64, so that a difference stays exact. */
export const MAX_SCALED = 2 ** 51;

/** Stamps: 1970-01-01 to 2200-01-01, exclusive. */
export const MAX_STAMP = 7_258_118_400_000;
export const STAMP_BITS = 43;

export const MAX_TEXT_BYTES = 4096;

/** Signed to unsigned, small stays small. Exact to ±2^52. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** A function of formulas: how many numbers it takes, and what it makes of them. */
export interface FormulaFunction {
  readonly least: number;
  readonly most: number;
  readonly of: (...numbers: number[]) => number;
}

const one = (of: (x: number) => number): FormulaFunction => ({ least: 1, most: 1, of });
const many = (of: (...numbers: number[]) => number): FormulaFunction => ({ least: 1, most: 64, of });

const sum = (...numbers: number[]): number => numbers.reduce((total, x) => total + x, 0);

/** All that formulas know; a map, so that no name reaches what every object has. */
export const FUNCTIONS: ReadonlyMap<string, FormulaFunction> = new Map([
  ['abs', one(Math.abs)],
  ['floor', one(Math.floor)],
  ['ceil', one(Math.ceil)],
  ['sqrt', one(Math.sqrt)],
  ['exp', one(Math.exp)],
  ['ln', one(Math.log)],
  ['log10', one(Math.log10)],
  ['pow', { least: 2, most: 2, of: (x, y) => x ** y }],
  ['round', { least: 1, most: 2, of: (x, decimals = 0) => Math.round(x * 10 ** decimals) / 10 ** decimals }],
  ['min', many(Math.min)],
  ['max', many(Math.max)],
  ['sum', many(sum)],
  ['avg', many((...numbers) => sum(...numbers) / numbers.length)],
]);

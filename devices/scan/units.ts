import { Fault } from '../../core/faults.ts';

/** Numbers of a list such as `1-32,100,240-247`, ascending, each once. Throws usage for anything that is not one of 0 to 255. */
export function parseUnits(text: string): number[] {
  const units = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last = first] = /^\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || from > to || to > 255) {
      throw new Fault('usage', `\`${part.trim()}\` is no unit or range of units such as 1-247`);
    }
    for (let unit = from; unit <= to; unit++) units.add(unit);
  }
  return [...units].sort((a, b) => a - b);
}

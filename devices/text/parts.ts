import type { FaultCode } from '../../core/faults.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { scaler } from '../modbus/decimals.ts';
import type { Message, Part, TextAddress } from './address.ts';

/** A line taken apart; undefined if it is not this message. */
export interface Parts {
  text(part: Part): string | undefined;
}

export function takeApart({ match, split }: Pick<Message, 'match' | 'split'>, body: string): Parts | undefined {
  const found = match ? match.exec(body) : undefined;
  if (found === null) return undefined;
  const fields = split === undefined ? [] : body.split(split);
  return {
    text(part) {
      if ('group' in part) return found?.groups?.[part.group];
      if ('field' in part) return fields[part.field];
      return body.length < part.to ? undefined : body.slice(part.from, part.to);
    },
  };
}

/** The value of a point in a line. A part that is missing is bad-text, an empty one is no value. */
export function partValue(address: TextAddress, parts: Parts): Outcome {
  const fault = faultOf(address, parts);
  if (fault !== undefined) return bad(fault);
  const text = parts.text(address.part)?.trim();
  if (text === undefined) return bad('bad-text');
  if (text === '' || address.invalid.includes(text)) return bad('no-value');
  if (address.type === 'string') return good(text);
  if (address.type === 'bits') return /^[01]+$/.test(text) ? good(labels(text, address.bits)) : bad('bad-text');
  if (address.type === 'bool') return boolOf(text, address.bit);
  return numberOf(text, address, parts);
}

function faultOf({ faults }: TextAddress, parts: Parts): FaultCode | undefined {
  return faults?.by[parts.text({ group: faults.group })?.trim() ?? ''];
}

function boolOf(text: string, bit: number | undefined): Outcome {
  const character = bit === undefined ? text : (text[bit] ?? '');
  if (character === '1') return good(true);
  return character === '0' ? good(false) : bad('bad-text');
}

function labels(text: string, bits: Readonly<Record<string, string>>): string {
  const set = [...text].flatMap((character, place) => (character === '1' ? [bits[place] ?? `bit ${place}`] : []));
  return set.join(', ');
}

function numberOf(text: string, address: TextAddress, parts: Parts): Outcome {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return bad('bad-text');
  const raw = Number(text);
  if (!Number.isFinite(raw)) return bad('not-a-number');
  if (address.invalid.some((code) => Number(code) === raw)) return bad('no-value');
  const factor = factorOf(address, parts);
  if (factor === undefined) return bad('wrong-unit');
  const isWhole = address.type !== 'float64';
  if (isWhole && !Number.isInteger(raw)) return bad('bad-text');
  if (isWhole && !Number.isSafeInteger(raw)) return bad('value-too-large');
  const scaled = scaler(address.scale * factor, address.offset, false);
  // A line may well say -0.0; there is no -0.
  const value = (scaled ? scaled(raw) : raw) + 0;
  return Number.isFinite(value) ? good(value) : bad('not-a-number');
}

function factorOf({ factor }: TextAddress, parts: Parts): number | undefined {
  if (factor === undefined) return 1;
  return factor.by[parts.text({ group: factor.group }) ?? ''];
}

import type { Value } from '../../core/reading.ts';
import type { Message, Part, TextAddress } from '../text/address.ts';
import { withChecksum } from '../text/checksum.ts';
import { lineBody } from '../text/lines.ts';

type Span = { readonly from: number; readonly to: number };

export interface RenderedPoint {
  readonly address: TextAddress;
  readonly value: Value;
}

/** The message's example line with other values in it, each as long and as precise as the one it replaces. */
export function renderLine(message: Message & { readonly example: string }, points: readonly RenderedPoint[]): string {
  const body = lineBody(message.example, message);
  let text = body;
  for (const { address, value } of points) {
    const span = spanOf(message, body, address.part);
    if (span === undefined) continue;
    const old = text.slice(span.from, span.to);
    const factor = factorOf(message, body, address);
    text = text.slice(0, span.from) + fitted(old, address, value, factor) + text.slice(span.to);
  }
  return `${message.start}${withChecksum(message.checksum, text)}${message.end}`;
}

function factorOf({ match }: Message, body: string, { factor }: TextAddress): number {
  const unit = factor && match?.exec(body)?.groups?.[factor.group];
  return (unit && factor?.by[unit]) || 1;
}

function spanOf({ match, split }: Message, body: string, part: Part): Span | undefined {
  if ('from' in part) return part;
  if ('field' in part) return fieldSpan(body, split ?? '', part.field);
  const found = match && new RegExp(match.source, `${match.flags}d`).exec(body)?.indices?.groups?.[part.group];
  return found && { from: found[0], to: found[1] };
}

function fieldSpan(body: string, separator: string, field: number): Span | undefined {
  const fields = body.split(separator);
  const own = fields[field];
  if (own === undefined) return undefined;
  const from = fields.slice(0, field).reduce((sum, before) => sum + before.length + separator.length, 0);
  return { from, to: from + own.length };
}

/** Never longer or shorter than before, so that the other spans stay where they are. */
function fitted(old: string, { type, bit, scale, offset }: TextAddress, value: Value, factor: number): string {
  if (type === 'bool') {
    const at = bit ?? 0;
    return `${old.slice(0, at)}${value ? '1' : '0'}${old.slice(at + 1)}`;
  }
  if (typeof value !== 'number') return type === 'bits' ? '0'.repeat(old.length) : old;
  const decimals = old.split('.')[1]?.length ?? 0;
  const number = ((value - offset) / (scale * factor)).toFixed(decimals);
  const sign = number.startsWith('-') ? '-' : old.startsWith('+') ? '+' : '';
  const text = sign + number.replace('-', '').padStart(old.length - sign.length, '0');
  return text.length === old.length ? text : old;
}

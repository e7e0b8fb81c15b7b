import { Fault } from '../../core/faults.ts';
import { bad, type Outcome } from '../../core/reading.ts';
import type { Answers, Driver, DriverPoint, Target } from '../driver.ts';
import { type Message, type TextAddress, textAddress } from './address.ts';
import { LineCutter, lineBody, toText, untilLine } from './lines.ts';
import { partValue, takeApart } from './parts.ts';

type Point = DriverPoint<TextAddress>;

/** The points that one kind of line brings. */
export interface TextRequest {
  readonly message: Message;
  readonly points: readonly Point[];
}

/** Lines of text: asked for, or from an instrument that talks by itself. */
export const textLine: Driver<TextAddress, TextRequest> = {
  name: 'text-line',
  address: textAddress,

  plan: (points) => groupByMessage(points).filter(({ message }) => message.send !== undefined),

  covers: (request) => request.points.map((point) => point.name),

  async read({ message, points }, line, target) {
    const send = Buffer.from(fillIn(message.send ?? '', target), 'latin1');
    const { start, end, length } = message;
    const expect = length === undefined ? {} : { expect: start.length + length + end.length };
    const text = toText(await line.exchange({ send, until: untilLine(message), ...expect }));
    const from = text.indexOf(start);
    const parts = takeApart(message, lineBody(text.slice(from), message));
    if (parts === undefined) throw new Fault('bad-text', JSON.stringify(text.slice(0, 80)));
    return answersOf(points, (address) => partValue(address, parts));
  },

  async *listen(points, bytes) {
    const spoken = groupByMessage(points).filter(({ message }) => message.send === undefined);
    const framings = groupBy(spoken, ({ message }) => framingKey(message)).map((requests) => ({
      cutter: new LineCutter((requests[0] as TextRequest).message),
      requests,
    }));
    for await (const chunk of bytes) {
      for (const { cutter, requests } of framings) {
        for (const line of cutter.push(chunk)) yield* heard(line, requests);
      }
    }
  },
};

/** Which of the requests a line that came unasked is for. */
function* heard(line: string, requests: readonly TextRequest[]): Generator<Answers> {
  for (const { message, points } of requests) {
    try {
      const parts = takeApart(message, lineBody(line, message));
      if (parts !== undefined) yield answersOf(points, (address) => partValue(address, parts));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // Only where every line is of one kind is it sure whose line was garbled.
      if (requests.length === 1) yield answersOf(points, () => bad(error.code));
    }
  }
}

function answersOf(points: readonly Point[], outcome: (address: TextAddress) => Outcome): Answers {
  return new Map(points.map(({ name, address }) => [name, outcome(address)]));
}

/** `{unit}` is the unit id, `{unit:2}` the same with leading zeros. */
export function fillIn(template: string, { unitId }: Target): string {
  return template.replace(/\{unit(?::(\d))?\}/g, (_, width: string | undefined) =>
    String(unitId).padStart(Number(width ?? 0), '0'),
  );
}

export function groupByMessage(points: readonly Point[]): TextRequest[] {
  return groupBy(points, ({ address }) => messageKey(address.message)).map((group) => ({
    message: (group[0] as Point).address.message,
    points: group,
  }));
}

function messageKey(message: Message): string {
  return JSON.stringify([message.send, framingKey(message), message.match?.source, message.split]);
}

function framingKey({ start, end, length, checksum }: Message): string {
  return JSON.stringify([start, end, length, checksum]);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}

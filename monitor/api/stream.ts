import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Sight } from '../auth/sight.ts';
import type { FeedMessage } from '../live-feed.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, listOf, route } from './route.ts';

const HEARTBEAT_MS = 15_000;
/** A page says within three seconds that its connection is gone: it must hear something each second. */
const BEAT_MS = 1000;
const RETRY_MS = 3000;
/** The browser connects again by itself; that is when a session that ended is noticed. */
const LONGEST_MS = 3_600_000;
/** A reader this far behind is cut off: it starts anew with a snapshot. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
/** Who has missed more than this has a snapshot sooner; and who is slow must not be cut off for what it has missed. */
const MOST_MISSED_BYTES = MOST_WAITING_BYTES / 4;

export function streamRoutes(hub: HubContext): readonly AnyRoute[] {
  const textOf = sharedTexts();
  return [
    route({
      method: 'GET',
      path: '/stream',
      summary: 'Server-sent events: reading, filled (history stored late), alarm, gateway, reset (start anew)',
      role: 'viewer',
      query: z.object({
        points: listOf(z.string()).optional(),
        alarms: z.stringbool().default(false).describe('changes of alarms too'),
        beats: z
          .stringbool()
          .default(false)
          .describe('an event `beat` each second, so that silence is a lost connection'),
      }),
      answer: z.string(),
      media: ['text/event-stream'],
      async handle({ query, who, sees, request, reply }) {
        reply.hijack();
        const socket = reply.raw;
        socket.writeHead(200, {
          ...(reply.getHeaders() as Record<string, string>),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
        const lastId = request.headers['last-event-id'];
        const points = query.points && new Set(query.points);
        const isAsked = (id: string) => (points === undefined || points.has(id)) && sees.place(id);
        const text: TextOf = (message) => {
          if (message.event === 'alarm' && !query.alarms) return undefined;
          const isWhole = sees.isAll && (points === undefined || message.event === 'alarm');
          return isWhole ? textOf(message) : textFor(message, isAsked, sees);
        };
        const id = typeof lastId === 'string' ? lastId : undefined;
        serve(hub, socket, text, { beats: query.beats, lastId: id, ref: who?.ref ?? '' });
        return reply;
      },
    }),
  ];
}

interface Asked {
  readonly beats: boolean;
  readonly lastId: string | undefined;
  /** Of the session or key it is open for. */
  readonly ref: string;
}

function serve({ feed, clock, accounts }: HubContext, socket: ServerResponse, textOf: TextOf, asked: Asked): void {
  const { beats, lastId, ref } = asked;
  // Gone while it was asked who they are: `close` has been said already, and nothing would ever end what begins here.
  if (socket.destroyed) return;
  const send = (message: FeedMessage) => {
    const text = textOf(message);
    if (text !== undefined) socket.write(text);
    if (socket.writableLength > MOST_WAITING_BYTES) socket.destroy();
  };
  const missed = lastId === undefined ? [] : missedTexts(feed.since(lastId), textOf);
  socket.write(
    `retry: ${RETRY_MS}\nid: ${missed?.length ? lastId : feed.position}\nevent: ${missed ? 'hello' : 'reset'}\ndata: {}\n\n`,
  );
  for (const text of missed ?? []) socket.write(text);

  const stopListening = feed.listen(send);
  const beatMs = beats ? BEAT_MS : HEARTBEAT_MS;
  let stopBeat = () => {};
  const beat = () => {
    // Who does not read is not written to: what waits for it would only grow.
    if (socket.writableLength === 0) socket.write(beats ? 'event: beat\ndata: {}\n\n' : ': \n\n');
    stopBeat = clock.after(beatMs, beat);
  };
  stopBeat = clock.after(beatMs, beat);
  const stopEnd = clock.after(LONGEST_MS, () => socket.end());
  // Whoever may no longer look must not go on looking; whoever may look at something else begins anew.
  const stopWatching = accounts.leave.watch(ref, () => socket.end('event: reset\ndata: {}\n\n'));
  socket.on('close', () => {
    stopListening();
    stopBeat();
    stopEnd();
    stopWatching();
  });
}

/** Undefined if nothing in the message is asked for. */
type TextOf = (message: FeedMessage) => string | undefined;

/** Whoever listens to all gets one and the same text: it is made once, and waits in memory once however many are slow. */
function sharedTexts(): (message: FeedMessage) => string {
  const made = new WeakMap<FeedMessage, string>();
  return (message) => {
    const text = made.get(message) ?? toText(message, message.data);
    made.set(message, text);
    return text;
  };
}

function textFor(message: FeedMessage, isAsked: (point: string) => boolean, sees: Sight): string | undefined {
  if (message.event === 'gateway')
    return sees.gateway(message.data.gateway) ? toText(message, message.data) : undefined;
  const data =
    message.event === 'alarm'
      ? message.data.filter(({ alarm }) => sees.gateway(alarm.gateway))
      : message.data.filter(({ point }) => isAsked(point));
  return data.length === 0 ? undefined : toText(message, data);
}

function toText({ id, event }: FeedMessage, data: unknown): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Undefined if they are no longer known, or too much. */
function missedTexts(missed: readonly FeedMessage[] | undefined, textOf: TextOf): readonly string[] | undefined {
  const texts: string[] = [];
  let bytes = 0;
  for (const message of missed ?? []) {
    const text = textOf(message);
    if (text === undefined) continue;
    texts.push(text);
    bytes += text.length;
    if (bytes > MOST_MISSED_BYTES) return undefined;
  }
  return missed && texts;
}

import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { FeedMessage } from '../live-feed.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, listOf, route } from './route.ts';

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 3000;
/** The browser connects again by itself; that is when a session that ended is noticed. */
const LONGEST_MS = 3_600_000;
/** A reader this far behind is cut off: it starts anew with a snapshot. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

export function streamRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/stream',
      summary: 'Server-sent events: reading, filled (history stored late), alarm, gateway, reset (start anew)',
      role: 'viewer',
      query: z.object({
        points: listOf(z.string()).optional(),
        alarms: z.stringbool().default(false).describe('changes of alarms too'),
      }),
      answer: z.string(),
      media: ['text/event-stream'],
      async handle({ query, request, reply }) {
        reply.hijack();
        const socket = reply.raw;
        socket.writeHead(200, {
          ...(reply.getHeaders() as Record<string, string>),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
        const lastId = request.headers['last-event-id'];
        const wanted = { points: query.points && new Set(query.points), alarms: query.alarms };
        serve(hub, socket, wanted, typeof lastId === 'string' ? lastId : undefined);
        return reply;
      },
    }),
  ];
}

function serve({ feed, clock }: HubContext, socket: ServerResponse, wanted: Wanted, lastId: string | undefined): void {
  const send = (message: FeedMessage) => {
    const text = eventText(message, wanted);
    if (text !== undefined) socket.write(text);
    if (socket.writableLength > MOST_WAITING_BYTES) socket.destroy();
  };
  const missed = lastId === undefined ? [] : feed.since(lastId);
  socket.write(
    `retry: ${RETRY_MS}\nid: ${missed?.length ? lastId : feed.position}\nevent: ${missed ? 'hello' : 'reset'}\ndata: {}\n\n`,
  );
  for (const message of missed ?? []) send(message);

  const stopListening = feed.listen(send);
  let stopBeat = () => {};
  const beat = () => {
    socket.write(': \n\n');
    stopBeat = clock.after(HEARTBEAT_MS, beat);
  };
  stopBeat = clock.after(HEARTBEAT_MS, beat);
  const stopEnd = clock.after(LONGEST_MS, () => socket.end());
  socket.on('close', () => {
    stopListening();
    stopBeat();
    stopEnd();
  });
}

interface Wanted {
  /** Left out: all. */
  readonly points: ReadonlySet<string> | undefined;
  readonly alarms: boolean;
}

/** Undefined if nothing in it is asked for. */
function eventText(message: FeedMessage, wanted: Wanted): string | undefined {
  const data = dataOf(message, wanted);
  if (Array.isArray(data) && data.length === 0) return undefined;
  return `id: ${message.id}\nevent: ${message.event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function dataOf(message: FeedMessage, { points, alarms }: Wanted): FeedMessage['data'] {
  if (message.event === 'alarm') return alarms ? message.data : [];
  if (message.event === 'gateway' || points === undefined) return message.data;
  const isWanted = ({ point }: { readonly point: string }) => points.has(point);
  return message.event === 'reading' ? message.data.filter(isWanted) : message.data.filter(isWanted);
}

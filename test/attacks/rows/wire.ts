import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { pause } from '../../e2e/site.ts';
import { type Attempt, bounded, type Row, refused, succeeded } from '../attempt.ts';
import { connectPacket, endsWithin, rawSocket, tryConnect } from '../mqtt.ts';
import { OTHER, type World } from '../world.ts';

const MB = 1024 * 1024;
/** Before the ten seconds are over that any connection has until its CONNECT. */
const AT_ONCE_MS = 9000;

function plain(world: World, from?: string): Promise<Socket> {
  const socket = connectPlain({ port: world.mqttPort, host: '127.0.0.1', ...(from ? { localAddress: from } : {}) });
  socket.on('error', () => {}).resume();
  return happens(socket, 'connect').then(() => socket);
}

/** Or the connection is over. */
async function happens(socket: Socket, event: string): Promise<void> {
  await Promise.race([once(socket, event), once(socket, 'close')]).catch(() => {});
}

async function ended(what: string, socket: { readonly destroyed: boolean }, withinMs: number): Promise<Attempt> {
  const ms = await endsWithin(socket, withinMs);
  return ms === undefined
    ? succeeded(what, `it stands after ${withinMs / 1000} s`)
    : refused(what, `the connection was ended after ${(ms / 1000).toFixed(1)} s`);
}

/** Packets that announce more than they may: ended before any of it is kept. */
export const oversized: Row = {
  name: 'connections',
  async run(world) {
    const before = await world.rss();
    const first = await rawSocket(world, world.hostile);
    first.write(Buffer.from([0x10, 0x80, 0x84, 0xaf, 0x5f]));
    const chunk = Buffer.alloc(MB);
    for (let sent = 0; sent < 100 && !first.destroyed; sent++) {
      if (!first.write(chunk)) await Promise.race([happens(first, 'drain'), pause(500)]);
    }
    const later = await rawSocket(world, world.hostile);
    later.write(connectPacket(OTHER));
    await happens(later, 'data');
    later.write(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x7f]));
    const wrong = await rawSocket(world, world.hostile);
    wrong.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]));
    const unsaid = await rawSocket(world, world.hostile);
    unsaid.write(Buffer.from([0x30, 0x05, 0, 1, 0x61, 0x62, 0x63]));
    const speech = await plain(world);
    speech.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    return [
      await ended('a CONNECT of 200 MB', first, AT_ONCE_MS),
      await ended('a PUBLISH of 256 MB', later, AT_ONCE_MS),
      await ended('a length of five bytes', wrong, AT_ONCE_MS),
      await ended('a PUBLISH before the CONNECT', unsaid, 20_000),
      await ended('HTTP instead of TLS', speech, AT_ONCE_MS),
      bounded('memory that all of this cost', (await world.rss()) - before, 100, 'MB'),
    ];
  },
};

/** Nobody is waited for for ever. */
export const halfOpen: Row = {
  name: 'connections',
  isLong: true,
  async run(world) {
    const silent = await plain(world);
    const unsaid = await rawSocket(world, world.hostile);
    const slow = await rawSocket(world, world.hostile);
    const bytes = connectPacket(OTHER);
    const drip = setInterval(() => {
      const at = slow.bytesWritten % bytes.length;
      if (!slow.destroyed) slow.write(bytes.subarray(at, at + 1));
    }, 2000);
    const found = await Promise.all([
      ended('TCP alone, no handshake', silent, 15_000),
      ended('TLS alone, no CONNECT', unsaid, 15_000),
      ended('a CONNECT byte by byte', slow, 15_000),
    ]);
    clearInterval(drip);
    const noBeat = await tryConnect(world, world.hostile, { clientId: OTHER, keepalive: 0 });
    const what = 'a connection that promises no sign of life';
    if (typeof noBeat === 'string') return [...found, refused(what, noBeat)];
    noBeat.end(true);
    return [...found, succeeded(what, 'let in')];
  },
};

const FLOOD = 2600;

/** More connections from one address than it may have: the rest is turned away, and others find room. */
export const flood: Row = {
  name: 'connections',
  isLong: true,
  async run(world) {
    const before = await world.rss();
    const sockets: Socket[] = [];
    for (let at = 0; at < FLOOD; at += 100)
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => plain(world, '127.0.5.5')))));
    await pause(1000);
    const standing = sockets.filter(({ destroyed }) => !destroyed).length;
    await world.check();
    const grown = (await world.rss()) - before;
    for (const socket of sockets) socket.destroy();
    return [
      bounded(`${FLOOD} connections from one address: left standing`, standing, 2000, 'connections'),
      bounded('memory that they cost', grown, 400, 'MB'),
    ];
  },
};

/** A thousand handshakes and aways again. */
export const churn: Row = {
  name: 'connections',
  isLong: true,
  async run(world) {
    const before = await world.rss();
    for (let at = 0; at < 300; at++) {
      const socket = await rawSocket(world, world.hostile);
      socket.destroy();
    }
    return [bounded('300 handshakes, each broken off: memory', (await world.rss()) - before, 100, 'MB')];
  },
};

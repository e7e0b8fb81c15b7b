/**
 * A Modbus TCP device that answers at once: reads of holding registers only, whatever the unit. A few registers change with each
 * answer, so that what is read is worth keeping. In a process of its own, so that its CPU is not counted.
 */
import { type AddressInfo, createServer } from 'node:net';

const HEADER = 12;
let turn = 0;

/** The answer to one request of 12 bytes. */
function answer(request: Buffer): Buffer {
  const registers = request.readUInt16BE(10);
  const reply = Buffer.alloc(9 + registers * 2);
  request.copy(reply, 0, 0, 2);
  reply.writeUInt16BE(3 + registers * 2, 4);
  request.copy(reply, 6, 6, 8);
  reply[8] = registers * 2;
  // float32 about 230, of which the low half moves.
  for (let at = 9; at + 3 < reply.length; at += 4) reply.writeUInt16BE(0x4366, at);
  turn = (turn + 1) & 0xffff;
  for (let at = 11; at + 1 < reply.length; at += 16) reply.writeUInt16BE(turn, at);
  return reply;
}

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const replies: Buffer[] = [];
    let from = 0;
    for (; bytes.length - from >= HEADER; from += HEADER) replies.push(answer(bytes.subarray(from, from + HEADER)));
    rest = bytes.subarray(from);
    if (replies.length > 0) socket.write(replies.length === 1 ? (replies[0] as Buffer) : Buffer.concat(replies));
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));

import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { modbusTcp } from '../../devices/modbus/driver.ts';
import { orCode, useChannels } from '../support/use-channels.ts';
import { readOf, tcpAnswer } from './far-end.ts';

const { far, start } = useChannels();

/** Reads registers at once; `serve` gets as many requests at once. Each comes to its value or to the fault's code. */
async function readAtOnce(serve: (requests: Buffer[], socket: Socket) => void, maxInFlight: number, kind?: object) {
  const end = await far((socket) => {
    let requests: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += 12) requests.push(bytes.subarray(at, at + 12));
      if (requests.length < maxInFlight) return;
      serve(requests, socket);
      requests = [];
    });
  });
  const channel = start(end.port, { driver: 'modbus-tcp', maxInFlight });
  const read = async (register: number) => {
    const answers = channel.lease((line) => modbusTcp.read(readOf(register, kind), line, { unitId: 1 }));
    return orCode(answers.then((got) => got.get('value')));
  };
  return (...registers: number[]) => Promise.all(registers.map(read));
}

const honestly = (requests: Buffer[], socket: Socket) => socket.write(Buffer.concat(requests.map(tcpAnswer)));

describe('Modbus TCP, several requests under way: an answer that is cut off is filled up with the next one', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('%d bytes short: no value comes of it', async (missing) => {
    let isSpoilt = true;
    const read = await readAtOnce((requests, socket) => {
      if (!isSpoilt) return honestly(requests, socket);
      const [first, second] = requests.map(tcpAnswer) as [Buffer, Buffer];
      socket.write(Buffer.concat([first.subarray(0, -missing), second]));
    }, 2);
    expect(await read(0x5555, 7)).toEqual(['garbled', 'garbled']);
    isSpoilt = false;
    expect(await read(8, 9), 'the next ones').toEqual([8, 9].map(good));
  });

  test('as long as a whole other answer: no value comes of it', async () => {
    let isSpoilt = true;
    const read = await readAtOnce((requests, socket) => {
      if (!isSpoilt) return honestly(requests, socket);
      const [first, second] = requests as [Buffer, Buffer];
      // An honest head and nothing behind it: an exception of another request fits exactly.
      const head = Buffer.concat([first.subarray(0, 4), Buffer.of(0, 14, 1, 3, 11)]);
      const exception = Buffer.concat([second.subarray(0, 4), Buffer.of(0, 3, 1, 0x83, 6)]);
      socket.write(Buffer.concat([head, Buffer.of(0, 1), exception]));
    }, 2);
    expect(await read(1, 2)).toEqual(['garbled', 'garbled']);
    isSpoilt = false;
    expect(await read(3, 4), 'the next ones').toEqual([3, 4].map(good));
  });

  test('filled up with an answer that nobody waits for any more: no value comes of it', async () => {
    let late: Buffer | undefined;
    const serve = ([request]: Buffer[], socket: Socket) => {
      const transaction = (request as Buffer).subarray(0, 4);
      if (late === undefined) late = Buffer.concat([transaction, Buffer.of(0, 3, 1, 0x83, 6)]);
      // Ten bytes were asked for: one of them, and then an exception, which takes nine.
      else socket.write(Buffer.concat([transaction, Buffer.of(0, 13, 1, 3, 10, 0x41), late]));
    };
    const read = await readAtOnce(serve, 1, { type: 'string', length: 5 });
    expect(await read(1)).toEqual(['no-answer']);
    expect(await read(2)).toEqual(['garbled']);
  });

  test('a register that holds what a header begins with is none', async () => {
    // Transaction numbers are counted up: those of the requests under way stand in the registers now and then.
    const read = await readAtOnce(honestly, 2);
    for (let register = 0; register < 400; register += 2) {
      expect(await read(register, register + 1)).toEqual([register, register + 1].map(good));
    }
  });
});

describe('Modbus TCP: the exchange behind a spoilt one is right at once', () => {
  test.each<[string, (reply: Buffer) => Buffer]>([
    ['half an answer', (reply) => reply.subarray(0, 8)],
    ['one byte short', (reply) => reply.subarray(0, -1)],
    ['a header that claims less', (reply) => Buffer.concat([reply.subarray(0, 5), Buffer.of(4), reply.subarray(6)])],
    ['a header that claims more', (reply) => Buffer.concat([reply.subarray(0, 5), Buffer.of(6), reply.subarray(6)])],
    ['three bytes of noise', () => Buffer.of(0x51, 0x52, 0)],
  ])('%s', async (_, spoil) => {
    let isSpoilt = true;
    const read = await readAtOnce(([request], socket) => {
      const reply = tcpAnswer(request as Buffer);
      socket.write(isSpoilt ? spoil(reply) : reply);
    }, 1);
    expect(await read(1)).toEqual(['garbled']);
    isSpoilt = false;
    expect(await read(2)).toEqual([good(2)]);
  });
});

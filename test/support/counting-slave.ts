import { createServer, type Server, type Socket } from 'node:net';

/** A Modbus TCP device that counts: which value was written to which register, and how often. Outside of every process under test. */
export class CountingSlave {
  readonly registers = new Map<number, number>();
  /** In order. */
  readonly writes: { readonly register: number; readonly value: number }[] = [];
  /** A write is carried out so long after it came, and answered then. */
  writeDelayMs = 0;
  #held: (() => void)[] | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port = 0): Promise<CountingSlave> {
    const server = createServer({ noDelay: true });
    const slave = new CountingSlave(server);
    server.on('connection', (socket) => slave.#serve(socket));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return slave;
  }

  get port(): string {
    const { port } = this.#server.address() as { port: number };
    return `tcp://127.0.0.1:${port}`;
  }

  /** How often this value went to this register. */
  count(register: number, value: number): number {
    return this.writes.filter((write) => write.register === register && write.value === value).length;
  }

  /** From now on a write is neither carried out nor answered until what is given back is called. */
  holdWrites(): () => void {
    const held: (() => void)[] = [];
    this.#held = held;
    return () => {
      this.#held = undefined;
      for (const answer of held) answer();
    };
  }

  get heldWrites(): number {
    return this.#held?.length ?? 0;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    let held = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes]);
      while (held.length >= 8 && held.length >= 6 + held.readUInt16BE(4)) {
        const frame = held.subarray(0, 6 + held.readUInt16BE(4));
        held = held.subarray(frame.length);
        const answer = () => {
          const pdu = this.#answer(frame.subarray(7));
          if (!socket.destroyed) socket.write(reply(frame, pdu));
        };
        if (this.#held && frame[7] === 6) this.#held.push(answer);
        else if (this.writeDelayMs > 0 && frame[7] === 6) setTimeout(answer, this.writeDelayMs);
        else answer();
      }
    });
  }

  #answer(pdu: Buffer): Buffer {
    const code = pdu.readUInt8(0);
    const register = pdu.readUInt16BE(1);
    const last = pdu.readUInt16BE(3);
    if (code === 3) {
      const body = Buffer.alloc(2 + last * 2);
      body.writeUInt8(3, 0);
      body.writeUInt8(last * 2, 1);
      for (let i = 0; i < last; i++) body.writeUInt16BE(this.registers.get(register + i) ?? 0, 2 + i * 2);
      return body;
    }
    if (code === 6) {
      this.registers.set(register, last);
      this.writes.push({ register, value: last });
      return Buffer.from(pdu);
    }
    return Buffer.from([code | 0x80, 1]);
  }
}

function reply(request: Buffer, pdu: Buffer): Buffer {
  const head = Buffer.from(request.subarray(0, 7));
  head.writeUInt16BE(pdu.length + 1, 4);
  return Buffer.concat([head, pdu]);
}

import { expect, test } from 'vitest';
import { SerialPortHandle } from '../../devices/channels/serial-port.ts';
import { SerialWire } from '../../devices/channels/serial-wire.ts';
import { fastClock } from '../support/fast-clock.ts';

const SERIAL = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;

/** An adapter that hangs: it takes no bytes, and says neither that it did nor that it will not. */
class HungPort extends SerialPortHandle {
  isClosed = false;

  constructor() {
    const binding = {
      fd: null,
      poller: { once: () => {} },
      write: async () => {},
      drain: async () => {},
      update: async () => {},
      close: async () => {},
    };
    super(binding, SERIAL, async () => binding);
  }

  override read(): number {
    return 0;
  }

  override write(): Promise<void> {
    return new Promise(() => {});
  }

  override async close(): Promise<void> {
    this.isClosed = true;
  }
}

test('a write that never ends breaks the line, so that it is opened anew', async () => {
  const port = new HungPort();
  const wire = new SerialWire(port, SERIAL, fastClock(20), { bytesIn: 0, bytesOut: 0 });
  const reply = wire.exchange({ send: Buffer.alloc(8), until: () => 0 }, 200);
  await expect(reply).rejects.toMatchObject({ code: 'line-closed' });
  expect(await wire.closed).toMatchObject({ fault: { code: 'line-closed' }, renew: false });
  expect(port.isClosed).toBe(true);
});

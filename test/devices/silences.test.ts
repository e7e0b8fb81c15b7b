import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SilenceWitness } from '../../devices/simulator/silence-witness.ts';
import { startSimulator } from '../../devices/simulator/simulator.ts';
import { describeWith } from '../support/tools.ts';
import { parts, plantOf, readAll, startChannel } from './support.ts';

describe('what the far end sees of silences', () => {
  test('one that is shorter than lawful is counted, and how short it was', () => {
    const witness = new SilenceWitness(4);
    witness.heard(1);
    expect(witness.report()).toEqual({ seen: 0, broken: 0, lawfulMs: 4 });
    witness.replied(100);
    witness.heard(104);
    witness.heard(104.5);
    witness.replied(200);
    witness.heard(203.5);
    expect(witness.report()).toEqual({ seen: 2, broken: 1, lawfulMs: 4, shortestMs: 3.5 });
  });
});

describeWith('socat', 'a line that is kept busy', () => {
  test.each([9600, 115_200])('at %i baud no silence is shorter than the standard asks for', async (baudRate) => {
    const plant = await plantOf(`
channels: [{ name: bus, driver: modbus-rtu, port: /dev/x, baudRate: ${baudRate}, timeout: 500ms }]
devices: [{ name: room, channel: bus, unitId: 2, profile: xy-md02 }]`);
    const ptyDir = mkdtempSync(join(tmpdir(), 'sluice-silence-'));
    const simulator = await startSimulator(plant, { ...parts, ptyDir });
    const [spec, device] = [plant.channels[0], plant.devices[0]];
    if (spec === undefined || device === undefined) throw new Error('no plant');
    const { channel, stop } = startChannel({ ...spec, port: simulator.endpoints[0]?.port ?? '' });
    try {
      for (let i = 0; i < 25; i++) await readAll(channel, device);
      const { seen, broken } = simulator.witnesses.get('bus')?.report() ?? {};
      expect(seen).toBeGreaterThanOrEqual(24);
      expect(broken).toBe(0);
    } finally {
      await stop();
      await simulator.stop();
    }
  });
});

import { expect, test } from 'vitest';
import { startSimulator } from '../../devices/simulator/simulator.ts';
import { parts, plantOf, readAll, startChannel } from './support.ts';

test('smoke', async () => {
  const plant = await plantOf(`
channels:
  - { name: bus, driver: modbus-rtu, port: /dev/ttyX, baudRate: 19200 }
  - { name: tcp, driver: modbus-tcp, port: "tcp://127.0.0.1:1502", maxInFlight: 4 }
  - { name: ups, driver: text-line, port: /dev/ttyY, baudRate: 9600 }
devices:
  - { name: m1, channel: bus, unitId: 1, profile: eastron/sdm630 }
  - { name: t1, channel: bus, unitId: 2, profile: xy-md02 }
  - { name: m2, channel: tcp, unitId: 1, profile: schneider/pm5110 }
  - { name: u1, channel: ups, profile: megatec/q1 }
`);
  const sim = await startSimulator(plant, { ...parts, ptyDir: '/tmp/smoke-pty' });
  console.log(sim.endpoints);
  for (const channel of plant.channels) {
    const port = sim.endpoints.find((e) => e.channel === channel.name)?.port ?? '';
    const run = startChannel({ ...channel, port });
    for (const device of plant.devices.filter((d) => d.channel === channel.name)) {
      const t0 = performance.now();
      try {
        const all = await readAll(run.channel, device);
        console.log(
          device.name,
          performance.now() - t0,
          [...all].map(([n, o]) => `${n}=${o.quality === 'good' ? o.value : o.fault}`).join(' '),
        );
      } catch (error) {
        console.log(device.name, performance.now() - t0, error, run.channel.state);
      }
    }
    await run.stop();
  }
  await sim.stop();
  expect(1).toBe(1);
});

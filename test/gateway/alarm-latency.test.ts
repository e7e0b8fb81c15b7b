import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { good } from '../../core/reading.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import { ruleOf } from '../core/rules/support.ts';
import { journalFolder, RunningJournal, removeFolder } from '../support/journal-home.ts';
import { plantOf, point } from '../support/plant.ts';

test('an alarm is decided and on the disk within a second of its reading, at 1,000 readings a second', {
  timeout: 30_000,
}, async () => {
  const points = Array.from({ length: 100 }, (_, i) => point(`p${i}`));
  const rules = points.map(({ name }) => {
    return ruleOf({ kind: 'above', limit: 50, deadband: 0 }, { id: `${name}/above`, point: name });
  });
  const plant = plantOf(points, { rules });
  const device = plant.devices[0] as DeviceSpec;
  const folder = await journalFolder();
  const running = await RunningJournal.open(folder, {
    settings: { commitInterval: 10_000, commitBytes: 4 * 1024 * 1024 },
  });
  const raisedAt = new Map<string, number>();
  const took: number[] = [];
  const intake = new Intake(
    plant,
    nextCatalogue(null, plant, { site: 's', timezone: 'Etc/UTC' }),
    running.journal,
    systemClock,
  );
  intake.alarms.onChange(() => {
    for (const { rule } of intake.alarms.active()) {
      const at = raisedAt.get(rule);
      if (at !== undefined) took.push(systemClock.ticks() - at);
      raisedAt.delete(rule);
    }
  });
  for (let round = 0; round < 50; round++) {
    const hot = round % 5 === 4 ? `p${round}` : '';
    if (hot !== '') raisedAt.set(`${hot}/above`, systemClock.ticks());
    intake.answers(device, new Map(points.map(({ name }) => [name, good(name === hot ? 60 : 20 + (round % 7))])));
    await systemClock.sleep(100);
  }
  await running.journal.flush();
  await running.close();
  await removeFolder(folder);
  expect(took).toHaveLength(10);
  expect(Math.max(...took)).toBeLessThan(1000);
});

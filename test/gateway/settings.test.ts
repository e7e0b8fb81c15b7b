import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogueSchema } from '../../cloud-sync/protocol/catalogue.ts';
import { SettingsFault } from '../../core/settings.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { loadGatewaySettings } from '../../gateway/settings.ts';

function load(yaml: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-settings-')), 'gateway.yaml');
  writeFileSync(file, yaml);
  return loadGatewaySettings(file);
}

const problemsOf = (yaml: string) =>
  load(yaml).then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof SettingsFault)) throw error;
      return error.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
    },
  );

/** Texts as long as they may be, and a letter too many. */
const withTexts = (title: number, model: number, value: number) => `
gateway: g
site: ${'s'.repeat(title)}
channels: [{ name: bus, driver: modbus-rtu, port: /dev/x }]
devices:
  - name: d
    channel: bus
    title: ${'t'.repeat(title)}
    vendor: ${'v'.repeat(model)}
    model: ${'m'.repeat(model)}
    points: { p: { address: { table: holding, register: 1, type: int16, invalid: 0x8000 }, enum: { ${'1'.repeat(value)}: On } } }
    alarms: [{ point: p, above: 1, text: ${'x'.repeat(title)} }]
`;

test('what the settings let pass, the hub can read', async () => {
  const settings = await load(withTexts(200, 64, 32));
  const catalogue = nextCatalogue(null, settings.plant, settings);
  expect(catalogueSchema.parse(JSON.parse(JSON.stringify(catalogue)))).toEqual(catalogue);
  expect(nextCatalogue(JSON.parse(JSON.stringify(catalogue)), settings.plant, settings).version).toBe(1);
  expect(await problemsOf(withTexts(201, 65, 33))).toHaveLength(6);
});

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../core/package-root.ts';

/** The import law. A room may import itself and what is listed; nothing else of ours. The first room that fits a file counts. */
const LAW: readonly (readonly [room: RegExp, may: RegExp])[] = [
  [/^core\//, /^core\//],
  [/^cloud-sync\/protocol\//, /^(core|cloud-sync\/protocol)\//],
  [/^cloud-sync\/edge-hub\//, /^(core|cloud-sync\/(protocol|edge-hub))\//],
  [/^cloud-sync\/cloud-hub\//, /^(core|cloud-sync\/(protocol|cloud-hub))\//],
  [
    /^devices\/channels\//,
    /^(core\/(clock|log|faults|retry|service|reading)\.ts|devices\/(channels\/.*|driver\.ts|plant-types\.ts))$/,
  ],
  [
    /^devices\/(modbus|text|dlt645|mbus|iec62056)\//,
    /^(core\/(reading|faults)\.ts|devices\/(modbus|text|dlt645|mbus|iec62056)\/.*|devices\/(driver|named-units)\.ts)$/,
  ],
  [/^devices\//, /^(core|devices)\//],
  [/^gateway\//, /^(core|devices|gateway|cloud-sync\/(protocol|edge-hub))\//],
  [
    /^monitor\/dashboard\/src\/kit\//,
    /^monitor\/dashboard\/src\/(kit\/.*|data\/(i18n|format|point-state|clock|memory)\.ts)$/,
  ],
  [/^monitor\/dashboard\//, /^(core\/reading\.ts|core\/rules\/.*|cloud-sync\/protocol\/.*|monitor\/dashboard\/.*)$/],
  [/^monitor\//, /^(core|monitor\/(?!dashboard\/)|cloud-sync\/(protocol|cloud-hub)\/)/],
  [/^cli\//, /^(core|devices|gateway|cloud-sync|monitor|cli)\//],
];

const ROOMS = ['core', 'devices', 'gateway', 'cloud-sync', 'monitor', 'cli'];
const MOST_LINES = 300;

const files = ROOMS.flatMap((room) =>
  readdirSync(join(packageRoot, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${room}/${name}`),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map(([, path]) => relative(packageRoot, join(packageRoot, dirname(file), path as string)));
}

test('every import keeps the law of the house', () => {
  expect(files.length).toBeGreaterThan(50);
  const broken = files.flatMap((file) => {
    const law = LAW.find(([room]) => room.test(file));
    if (law === undefined) return [`${file}: no room`];
    return importsOf(file)
      .filter((to) => !law[1].test(to))
      .map((to) => `${file} -> ${to}`);
  });
  expect(broken).toEqual([]);
});

test('no file is longer than a reader can hold', () => {
  const styles = readdirSync(join(packageRoot, 'monitor/dashboard/src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.css'))
    .map((name) => `monitor/dashboard/src/${name}`);
  const long = [...files, ...styles]
    .map((file) => [file, readFileSync(join(packageRoot, file), 'utf8').split('\n').length - 1] as const)
    .filter(([, lines]) => lines > MOST_LINES);
  expect(long).toEqual([]);
});

test('no default exports, no barrels', () => {
  const found = files.filter((file) => {
    if (file.endsWith('vite.config.ts')) return false;
    return /^export (default|\* from)/m.test(readFileSync(join(packageRoot, file), 'utf8'));
  });
  expect(found).toEqual([]);
});

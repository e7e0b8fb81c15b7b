import { expect, test } from 'vitest';
import { SettingsFault } from '../../core/settings.ts';
import { isLoopbackAddress, parseHubSettings, splitAddress } from '../../monitor/settings.ts';

function problems(text: string): readonly string[] {
  try {
    parseHubSettings(text);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsFault)) throw error;
    return error.problems.map(({ line, path, message, suggestion }) => `${line} ${path}: ${message} (${suggestion})`);
  }
}

test('little is needed: the rest has defaults that are safe', () => {
  expect(parseHubSettings('dataDir: /data')).toEqual({
    dataDir: '/data',
    names: [],
    http: { listen: '127.0.0.1:8080', insecure: false },
    mqtt: { listen: '0.0.0.0:8883' },
    hubRules: { offlineAfterMs: 60_000, lateAfterMs: 600_000 },
    keep: {},
    energy: { windowMs: 900_000, holdMs: 300_000, meters: [], groups: [] },
  });
});

test('takes what the documentation shows', () => {
  const settings = parseHubSettings(`
dataDir: /var/lib/sluice-hub
names: [hub.example.com]
http: { listen: 0.0.0.0:8443, tls: auto }
mqtt: { listen: 0.0.0.0:8883 }
archive: { engine: duckdb, keepRaw: 90d, keepMinutes: 2y }
`);
  expect(settings).toMatchObject({ http: { tls: 'auto' }, keep: { raw: 90 * 86_400_000, minute: 730 * 86_400_000 } });
});

test.each([
  ['{}', /dataDir: is missing/],
  ['dataDir: /d\nname: [a]', /2 name: unknown key `name` \(did you mean `names`\?\)/],
  ['dataDir: /d\nhttp: { listen: 8080 }', /http\.listen/],
  ['dataDir: /d\nhttp: { listen: 127.0.0.1:99999 }', /a port is at most 65535/],
  ['dataDir: /d\nmqtt: { url: mqtts://b:8883 }', /2 mqtt\.url: is planned, not there yet/],
  ['dataDir: /d\narchive: { engine: postgres, url: x }', /archive\.engine: is planned, not there yet \(use `duckdb`/],
  ['dataDir: /d\narchive: { keepMinutes: 2h }', /keepMinutes/],
  ['dataDir: /d\narchive: { keepRaw: 90d, keepMinutes: 30d }', /archive\.keepMinutes: is shorter than `keepRaw`/],
  ['dataDir: /d\narchive: { keepRaw: 90d, keepHours: 30d }', /archive\.keepHours: is shorter than `keepRaw`/],
  ['dataDir: /d\nhttp: { listen: 0.0.0.0:8080 }', /http\.listen: .*in the clear.*tls: auto/],
])('%j is refused', (text, message) => {
  expect(problems(text).join('\n')).toMatch(message);
});

test('all problems come at once', () => {
  expect(problems('dataDir: /d\nmqtt: { url: x }\nhttp: { listen: "[::]:80" }')).toHaveLength(2);
});

test('a proxy may speak TLS in front', () => {
  expect(problems('dataDir: /d\nhttp: { listen: 0.0.0.0:8080, insecure: true }')).toEqual([]);
});

test.each([
  ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }, true],
  ['[::1]:80', { host: '::1', port: 80 }, true],
  ['localhost:8080', { host: 'localhost', port: 8080 }, true],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }, false],
  ['10.0.0.1:80', { host: '10.0.0.1', port: 80 }, false],
])('%s', (text, split, loopback) => {
  expect(splitAddress(text)).toEqual(split);
  expect(isLoopbackAddress(text)).toBe(loopback);
});

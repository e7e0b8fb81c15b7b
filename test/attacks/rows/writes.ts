import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WriteOutcome } from '../../../cloud-sync/protocol/writes.ts';
import { NOW, writingGateway } from '../../support/writing-gateway.ts';
import { type Attempt, harmless, type Row, refused, succeeded } from '../attempt.ts';
import { type Answer, shortly } from '../http.ts';
import { Hostile } from '../mqtt.ts';
import { HEALTHY, type Keys, OTHER, type World } from '../world.ts';

const SETPOINT = `${HEALTHY}/boiler/setpoint`;
const VALVE = `${HEALTHY}/boiler/valve`;

type Case = readonly [what: string, body: object | string, role?: keyof Keys];

/** What would be a command, if it were not for one thing. */
const COMMANDS: readonly Case[] = [
  ['by a viewer', { point: SETPOINT, value: 50 }, 'viewer'],
  ['by an administrator of another site', { point: SETPOINT, value: 50 }, 'elsewhere'],
  ['with a revoked key', { point: SETPOINT, value: 50 }, 'revoked'],
  ['a text for a number', { point: SETPOINT, value: '50' }],
  ['a boolean for a number', { point: SETPOINT, value: true }],
  ['an object for a number', { point: SETPOINT, value: { valueOf: 50 } }],
  ['no number: null', { point: SETPOINT, value: null }],
  ['a number beyond all numbers', `{"point": "${SETPOINT}", "value": 1e999}`],
  ['below the range', { point: SETPOINT, value: 19.5 }],
  ['above the range', { point: SETPOINT, value: 80.5 }],
  ['between two steps', { point: SETPOINT, value: 50.3 }],
  ['none of the choices', { point: VALVE, value: 7, confirm: 7 }],
  ['a point that may not be written', { point: `${HEALTHY}/meter/power`, value: 1 }],
  ['a point that is not there', { point: `${HEALTHY}/boiler/nosuch`, value: 1 }],
  ['a point named __proto__', { point: `${HEALTHY}/__proto__/setpoint`, value: 1 }],
  ['a point named constructor', { point: `${HEALTHY}/boiler/constructor`, value: 1 }],
  ['a dangerous point, said once', { point: VALVE, value: 1 }],
  ['a dangerous point, said twice and not the same', { point: VALVE, value: 1, confirm: 0 }],
  ['a dangerous point, confirmed by a prototype', `{"point": "${VALVE}", "value": 1, "__proto__": {"confirm": 1}}`],
  ['that is over before it begins', { point: SETPOINT, value: 50, expiresIn: '0s' }],
  ['that never expires', { point: SETPOINT, value: 50, expiresIn: '900d' }],
  ['a text of 200 kB', { point: SETPOINT, value: 'x'.repeat(200_000) }],
  ['a point of 200 kB', { point: `${HEALTHY}/${'x'.repeat(200_000)}`, value: 1 }],
  ['a body of 1 MB', { point: SETPOINT, value: 50, more: 'x'.repeat(1_000_000) }],
];

const wish = (desired: string) => `{"desired": ${desired}}`;
const TWINS: readonly Case[] = [
  ['by a viewer', wish('{"setpoint": {"value": 50}}'), 'viewer'],
  ['by an administrator of another site', wish('{"setpoint": {"value": 50}}'), 'elsewhere'],
  ['a text for a number', wish('{"setpoint": {"value": "50"}}')],
  ['above the range', wish('{"setpoint": {"value": 81}}')],
  ['a point that is not there', wish('{"nosuch": {"value": 1}}')],
  ['a point named __proto__', wish('{"__proto__": {"value": 1}}')],
  ['a point named constructor', wish('{"constructor": {"value": 1}}')],
  ['a dangerous point, said once', wish('{"valve": {"value": 1}}')],
  ['a dangerous point, confirmed by a prototype', wish('{"valve": {"value": 1, "__proto__": {"confirm": 1}}}')],
  ['of a version that is not there', '{"from": 99, "desired": {"setpoint": {"value": 50}}}'],
  ['a body of 1 MB', wish(`{"setpoint": {"value": 50, "more": "${'x'.repeat(1_000_000)}"}}`)],
];

interface Listed {
  readonly commands: readonly { readonly id: string; readonly state: string }[];
}

/** At the hub: whoever calls it. Each refusal is in the audit log. */
export const commands: Row = {
  name: 'commands and twins',
  async run(world) {
    await world.until('the boiler is read', async () =>
      (await world.as('viewer', '/api/v1/latest')).text.includes(SETPOINT),
    );
    const found: Attempt[] = [];
    for (const [what, body, role] of COMMANDS)
      found.push(await attempt(world, `command: ${what}`, { path: '/api/v1/commands', method: 'POST', body, role }));
    const path = `/api/v1/twins/${HEALTHY}/boiler`;
    for (const [what, body, role] of TWINS)
      found.push(await attempt(world, `twin: ${what}`, { path, method: 'PATCH', body, role }));
    const { commands: all } = await world.json<Listed>('admin', '/api/v1/commands');
    const twin = await world.json<{ version: number }>('admin', path);
    const what = 'what is stored of all these';
    return [
      ...found,
      harmless(what, all.length === 0 && twin.version === 0, 'no command, no twin'),
      ...(await forged(world)),
    ];
  },
};

interface Tried {
  readonly path: string;
  readonly method: string;
  readonly body: object | string;
  readonly role: keyof Keys | undefined;
}

/** Each from an address of its own: of many refusals from one, the log holds the first alone. */
let callers = 0;

async function attempt(world: World, what: string, { path, method, body, role = 'operator' }: Tried): Promise<Attempt> {
  const before = await newestAct(world);
  const headers = { 'content-type': 'application/json' };
  const answer: Answer = await world.as(role, path, { method, body, headers, from: `127.0.1.${++callers}` });
  if (answer.status < 400 || answer.status >= 500) return succeeded(what, shortly(answer));
  const act = await newestAct(world);
  const isAudited = act.n > before.n && act.outcome === 'refused';
  return isAudited ? refused(what, shortly(answer)) : succeeded(what, `${shortly(answer)}, and not audited`);
}

async function newestAct(world: World): Promise<{ readonly n: number; readonly outcome: string }> {
  const { acts } = await world.json<{ acts: { n: number; outcome: string }[] }>('admin', '/api/v1/audit?limit=1');
  return acts[0] ?? { n: 0, outcome: '' };
}

/** A gateway that has turned answers for another, while that one is held up. */
async function forged(world: World): Promise<readonly Attempt[]> {
  const hostile = await Hostile.connect(world, OTHER, world.hostile);
  const state = async (id: string) => (await world.json<{ state: string }>('operator', `/api/v1/commands/${id}`)).state;
  process.kill(world.gateway.pid, 'SIGSTOP');
  try {
    const asked = await world.post('operator', '/api/v1/commands', { point: SETPOINT, value: 50, expiresIn: '5m' });
    const { id } = JSON.parse(asked.text) as { id: string };
    await hostile.say('result', { id, state: 'done', body: { readBack: 50 } });
    await hostile.say('result', { id, state: 'refused', code: 'writes-locked' });
    await hostile.say('result', {
      id: 'twins-0001',
      state: 'done',
      body: { held: { version: 9, hash: 'a'.repeat(64) }, points: {} },
    });
    await world.json('admin', `/api/v1/gateways/${OTHER}`);
    const forgedState = await state(id);
    process.kill(world.gateway.pid, 'SIGCONT');
    await world.until('the true answer', async () => (await state(id)) !== 'sent');
    return [
      harmless("an answer to another gateway's command", forgedState === 'sent', `it stays ${forgedState}`),
      harmless('the true answer after it', (await state(id)) === 'done', `it is ${await state(id)}`),
    ];
  } finally {
    process.kill(world.gateway.pid, 'SIGCONT');
    hostile.end();
  }
}

const PLANT = `channels: [{ name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:1" }]
devices:
  - name: boiler
    channel: plc
    points:
      setpoint: { address: { table: holding, register: 41, type: int16 }, writable: true, min: 0, max: 100, step: 5 }
      valve: { address: { table: holding, register: 42, type: int16 }, writable: true, dangerous: true }
      level: { address: { table: holding, register: 43, type: int16 } }
`;
const GOOD = {
  ...{ id: 'write-good', kind: 'write', gateway: HEALTHY, point: 'boiler/setpoint', value: 5 },
  ...{ expires: NOW + 60_000, by: 'kim' },
};

/** Whoever speaks for the hub: messages as they would come down, one thing of each wrong. */
const DOWN: readonly [what: string, more: object][] = [
  ['for another gateway', { gateway: OTHER }],
  ['that has expired', { expires: NOW - 1000 }],
  ['that expires at this instant', { expires: NOW }],
  ['without an end', { expires: undefined }],
  ['that expires as a text', { expires: 'tomorrow' }],
  ['a text for a number', { value: '5' }],
  ['a boolean for a number', { value: true }],
  ['an object for a number', { value: {} }],
  ['no number', { value: Number.NaN }],
  ['above the range', { value: 105 }],
  ['between two steps', { value: 7 }],
  ['a point that may not be written', { point: 'boiler/level' }],
  ['a point that is not there', { point: 'boiler/nosuch' }],
  ['a point named __proto__', { point: '__proto__/__proto__' }],
  ['a point named constructor', { point: 'boiler/constructor' }],
  ['a dangerous point, said once', { point: 'boiler/valve' }],
  ['a dangerous point, confirmed by another value', { point: 'boiler/valve', confirm: 6 }],
  ['a text of 1 MB', { value: 'x'.repeat(1_000_000) }],
  ['a point of 1 MB', { point: 'x'.repeat(1_000_000) }],
  ['an id of 1 MB', { id: 'x'.repeat(1_000_000) }],
];

/** At the gateway, which trusts nobody's check but its own. Each refusal is in its journal. */
export const gatewayWrites: Row = {
  name: 'commands at the gateway',
  async run(world) {
    const folder = mkdtempSync(join(world.dir, 'writes-'));
    const gateway = await writingGateway({ folder, plant: PLANT });
    try {
      const found: Attempt[] = [];
      for (const [at, [what, more]] of DOWN.entries())
        found.push(await down(gateway, what, { ...GOOD, id: `write-bad-${at}`, ...more }));
      writeFileSync(join(folder, 'writes-locked'), '');
      found.push(await down(gateway, 'while somebody on site has locked it', { ...GOOD, id: 'write-locked' }));
      rmSync(join(folder, 'writes-locked'));
      const nothing = gateway.written() === 0;
      const good = await gateway.take(GOOD);
      for (const value of [5, 10]) await gateway.take({ ...GOOD, value });
      const once = `a good one, and again, and again with another value: ${good?.state}, written ${gateway.written()} times`;
      return [
        ...found,
        harmless('what came to the device of all these', nothing, 'nothing'),
        harmless('replayed', good?.state === 'done' && gateway.written() === 1, once),
        await flood(gateway),
      ];
    } finally {
      await gateway.stop();
      rmSync(folder, { recursive: true });
    }
  },
};

type Gateway = Awaited<ReturnType<typeof writingGateway>>;

async function down(gateway: Gateway, what: string, message: object): Promise<Attempt> {
  const { length } = gateway.events;
  const outcome: WriteOutcome | undefined = await gateway.take(message);
  if (outcome === undefined) return refused(what, 'breaks its schema, not taken');
  if (outcome.state !== 'refused') return succeeded(what, outcome.state);
  // For another gateway it is no business of this one's journal.
  const isNoted = gateway.events.length > length || (message as typeof GOOD).gateway !== HEALTHY;
  return isNoted ? refused(what, outcome.code ?? '') : succeeded(what, 'refused, and not in the journal');
}

async function flood(gateway: Gateway): Promise<Attempt> {
  const before = gateway.written();
  for (let at = 0; at < 50; at++) await gateway.take({ ...GOOD, id: `write-flood-${at}` });
  const written = gateway.written() - before;
  return harmless('50 good ones within a second', written <= 10, `${written} written, the others: write-rate`);
}

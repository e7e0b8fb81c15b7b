import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpReceiver } from './http-receiver.ts';
import { MailReceiver } from './mail-receiver.ts';
import { gatewayOffline, startNotifying, until } from './support.ts';

let mail: MailReceiver;
let http: HttpReceiver;
let world: Awaited<ReturnType<typeof startNotifying>>;
beforeEach(async () => {
  http = await HttpReceiver.start();
  mail = await MailReceiver.start();
});
afterEach(async () => {
  await world?.stop();
  await http.stop();
  await mail.stop();
});

const sender = (name: string) => {
  const found = world.notify.senders.get(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe('several recipients of one receiver', () => {
  const talk = (to: string) =>
    `{ groupWait: 100ms, receivers: { k: { kind: alimtalk, url: "${http.url}", to: [${to}], templates: { raised: R1, cleared: C1, acknowledged: A1, digest: D1 }, body: { to: "{to}" } } } }`;
  const told = () => http.bodies.map(({ to }) => to);
  const letters = (to: string) => `{ receivers: { k: { kind: email, to: [${to}] } }, smtp: ${mail.settings} }`;

  test('알림톡: a number that is refused keeps nothing from the others, and is named', async () => {
    http.answer = (response, { text }) => response.writeHead(text.includes('010-0000') ? 400 : 200).end('no such');
    world = await startNotifying(talk('"010-0000-0000", "010-1111-1111", "010-2222-2222"'));
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('k').counts.givenUp === 1);
    expect(told()).toEqual(['010-0000-0000', '010-1111-1111', '010-2222-2222']);
    const { told: log } = (await world.hub.get('/api/v1/notify/log')).json();
    expect(log).toMatchObject([{ state: 'given-up', error: 'answered 400: no such (010-0000-0000); told: 2' }]);
    expect((await world.notify.test('k')).error).toContain('010-0000-0000');
  });

  test('알림톡: a number that fails is tried again alone, and holds up no other alarm', async () => {
    let isAway = true;
    http.answer = (response, { text }) => response.writeHead(isAway && text.includes('010-0000') ? 500 : 200).end();
    world = await startNotifying(talk('"010-0000-0000", "010-1111-1111"'));
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('k').counts.failures >= 1);
    for (const gateway of ['plant-2', 'plant-3', 'plant-4']) await gatewayOffline(world.hub, gateway, true);
    await until(() => told().filter((to) => to === '010-1111-1111').length === 4);
    const kept = async () => (await world.notify.store.waiting()).filter(({ settled }) => settled !== undefined);
    await until(async () => (await kept()).length === 4);
    expect(await kept()).toMatchObject(Array(4).fill({ settled: { '010-1111-1111': '' } }));
    // It is stored first.
    await until(() => sender('k').behind === 0);
    expect(sender('k').waiting).toBe(4);
    isAway = false;
    await until(() => sender('k').waiting === 0);
    expect(told().filter((to) => to === '010-1111-1111')).toHaveLength(4);
    expect(sender('k').counts).toMatchObject({ delivered: 4, givenUp: 0 });
  });

  test('mail: who is refused for now is tried again alone; who is refused for good is named', async () => {
    mail.refusedTo.set('typo@plant.test', 550).set('lee@plant.test', 451);
    world = await startNotifying(letters('Kim@Plant.test, typo@plant.test, lee@plant.test'));
    await gatewayOffline(world.hub, 'plant-1', true);
    await until(() => sender('k').lastFailed !== undefined);
    expect(sender('k').lastFailed).toMatchObject({
      state: 'waiting',
      error: '451 not here (lee@plant.test); 550 not here (typo@plant.test); told: 1',
    });
    mail.refusedTo.delete('lee@plant.test');
    await until(() => sender('k').lastFailed?.state === 'given-up');
    expect(mail.envelopes).toEqual([['Kim@plant.test'], ['lee@plant.test']]);
    expect(sender('k').lastFailed?.error).toBe('550 not here (typo@plant.test); told: 2');
    expect(await world.notify.test('k')).toMatchObject({ state: 'given-up', error: expect.stringContaining('typo@') });
  });
});

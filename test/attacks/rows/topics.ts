import { upTopic } from '../../../cloud-sync/protocol/topics.ts';
import { pause } from '../../e2e/site.ts';
import { type Attempt, type Row, refused, succeeded } from '../attempt.ts';
import { tryConnect } from '../mqtt.ts';
import { HEALTHY, OTHER, type World } from '../world.ts';

const WITHIN_MS = 20_000;

const PUBLISHED: readonly [what: string, topic: string, options: { qos?: 0 | 1 | 2; retain?: boolean }][] = [
  ["into another gateway's branch", upTopic(HEALTHY, 'status'), { qos: 1 }],
  ["a hello in another's name", upTopic(HEALTHY, 'hello'), { qos: 1 }],
  ['downwards to itself', `sluice/v1/${OTHER}/down/command`, { qos: 1 }],
  ['downwards to another', `sluice/v1/${HEALTHY}/down/command`, { qos: 1 }],
  ['below its branch', `sluice/v1/${OTHER}/up/frame/x`, { qos: 1 }],
  ['with its name in capitals', `sluice/v1/${OTHER.toUpperCase()}/up/live`, { qos: 1 }],
  ['outside all branches', 'anything', { qos: 0 }],
  ['into $SYS', '$SYS/broker/x', { qos: 1 }],
  ['with QoS 2', upTopic(OTHER, 'live'), { qos: 2 }],
  ['retained, what is no status', upTopic(OTHER, 'live'), { qos: 1, retain: true }],
];

const SUBSCRIBED = [
  ...['#', '+', '$SYS/#', 'sluice/#', 'sluice/v1/+/down/+', '+/+/+/+/+', `sluice/v1/${HEALTHY}/down/+`],
  ...[`sluice/v1/${HEALTHY}/up/#`, `sluice/v1/${OTHER}/up/+`, `$share/x/sluice/v1/${HEALTHY}/down/+`],
];

const WILLS: readonly [what: string, topic: string, qos: 0 | 1 | 2][] = [
  ["a last will in another's name", upTopic(HEALTHY, 'status'), 1],
  ['a last will that is a frame', upTopic(OTHER, 'frame'), 1],
  ['a last will with QoS 2', upTopic(OTHER, 'status'), 2],
  ['a last will for $SYS', '$SYS/x', 0],
];

async function connected(world: World) {
  const client = await tryConnect(world, world.hostile, { clientId: OTHER });
  if (typeof client === 'string') throw new Error(`the hostile gateway is not let in: ${client}`);
  return client;
}

export const topics: Row = {
  name: 'publish and subscribe',
  async run(world) {
    const found: Attempt[] = [];
    for (const [what, topic, options] of PUBLISHED) {
      const client = await connected(world);
      client.publish(topic, '{"state":"offline"}', options);
      const end = performance.now() + WITHIN_MS;
      while (client.connected && performance.now() < end) await pause(10);
      const name = `publish ${what}`;
      found.push(client.connected ? succeeded(name, topic) : refused(name, 'the connection was ended'));
      client.end(true);
    }
    for (const topic of SUBSCRIBED) found.push(await subscribe(world, topic));
    for (const [what, topic, qos] of WILLS) {
      const will = { topic, payload: Buffer.from('{"state":"offline"}'), qos, retain: false };
      const client = await tryConnect(world, world.hostile, { clientId: OTHER, will });
      found.push(typeof client === 'string' ? refused(what, client) : succeeded(what, 'it was let in'));
      if (typeof client !== 'string') client.end(true);
    }
    const kept = await tryConnect(world, world.hostile, { clientId: OTHER, clean: false });
    found.push(typeof kept === 'string' ? refused('a kept session', kept) : succeeded('a kept session', 'let in'));
    return found;
  },
};

async function subscribe(world: World, topic: string): Promise<Attempt> {
  const client = await connected(world);
  const what = `subscribe to ${topic}`;
  const granted = await new Promise<number | string>((resolve) => {
    client.once('close', () => resolve('the connection was ended'));
    client.subscribe(topic, { qos: 1 }, (error, all) => resolve(error ? error.message : (all?.[0]?.qos ?? 0)));
  });
  client.end(true);
  return typeof granted === 'string' || granted === 128
    ? refused(what, granted === 128 ? 'not granted' : granted)
    : succeeded(what, `granted with QoS ${granted}`);
}

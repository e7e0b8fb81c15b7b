import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Plant } from '../../devices/plant-types.ts';
import type { Intake } from '../intake.ts';
import type { GatewaySettings } from '../settings.ts';
import { TwinKeeper } from '../twins/twin-keeper.ts';
import { TwinStore } from '../twins/twin-store.ts';
import type { WriteBook } from '../writes/write-book.ts';
import type { WritePath } from '../writes/write-path.ts';
import { brokerAccess } from './broker-access.ts';
import { DataFeed } from './data-feed.ts';
import { loadDmi } from './dmi.ts';
import { DmiClient } from './dmi-client.ts';
import { DmiRoad } from './dmi-road.ts';
import { DmiServer } from './dmi-server.ts';
import type { KubeBroker } from './kube-broker.ts';
import { KubeDevices } from './kube-devices.ts';
import { KubeEdge, type KubeEdgeParts, kubeStands } from './kube-edge.ts';
import { ObjectStore } from './object-store.ts';
import { ownStands } from './own-devices.ts';
import { OwnWishes } from './own-wishes.ts';
import { MqttPush } from './push.ts';
import { Registration } from './registration.ts';
import { Reporter } from './road.ts';
import type { BrokerSettings } from './settings.ts';
import { TwinAsker } from './twin-asker.ts';
import { userTopicWrites } from './user-topic.ts';
import { newestOrder } from './wanted.ts';

/** Desired values are orders below this prefix. */
const ORDERS = 'kube';

export interface KubeDeps {
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** The Device objects known from last time. `apply`: works with this plant from now on. */
export async function openKubeDevices(deps: KubeDeps, apply: (plant: Plant) => Promise<void>): Promise<KubeDevices> {
  const { settings, log } = deps;
  return KubeDevices.open({ store: await ObjectStore.open(settings.dataDir), rules: settings, apply, log });
}

export interface KubePartsDeps extends KubeDeps {
  readonly devices: KubeDevices;
  readonly intake: Intake;
  readonly writes: WritePath;
  readonly book: WriteBook;
}

/** Everything of a gateway that has to do with KubeEdge. */
export async function openKubeEdge(deps: KubePartsDeps): Promise<KubeEdge> {
  const { settings, devices, intake, writes, book, clock, log } = deps;
  const { kubeedge } = settings;
  const broker = kubeedge.broker && (await openBroker(kubeedge.broker, { clock, log }));
  const given = kubeedge.broker?.ownDevices ?? false;
  const namespace = given === false ? undefined : given;
  const own = () => (namespace === undefined ? [] : ownStands(intake.devices, devices.entries, namespace));
  const stands = () => [...kubeStands(devices, intake), ...own()];
  if (broker && kubeedge.broker?.allowWrites) broker.listen(userTopicWrites(settings.gateway, broker, writes));
  const { dmi, registration } = mapper(deps) ?? {};
  const road = broker && kubeedge.broker?.twins ? broker : (dmi ?? broker);
  if (road === undefined) throw new TypeError('settings let KubeEdge pass without a way to it');
  const reporter = new Reporter({ road, stands, clock, log });
  if (dmi !== road) dmi?.onOpen(() => reporter.restarted());
  const kube = new KubeEdge({
    ...{ devices, stands, registration, dmi, broker, namespace, reporter, clock },
    push: new MqttPush({ entries: () => devices.entries, devices: () => intake.devices, clock, log }),
    feed: broker && new DataFeed(broker, stands, clock),
    twins: await TwinKeeper.open({
      ...{ writes, book, intake, clock, log, tell: () => {} },
      store: await TwinStore.open(settings.dataDir, 'kubeedge-twins.json'),
      orders: { prefix: ORDERS, unlessHeld: true },
      ...{ owner: 'KubeEdge', begin: newestOrder(book.entries().keys(), ORDERS) },
      // Every write is journalled anyway; twins of the journal are the hub's.
      journal: { event: () => {} },
    }),
    ...ownWriting(deps, broker, namespace),
  });
  kube.begin();
  return kube;
}

/** What KubeEdge may want of the gateway's own devices. */
function ownWriting(
  { settings, devices, intake, clock }: KubePartsDeps,
  broker: KubeBroker | undefined,
  namespace: string | undefined,
): Pick<KubeEdgeParts, 'wishes' | 'asker'> {
  if (broker === undefined || namespace === undefined || !settings.kubeedge.broker?.allowWrites)
    return { wishes: undefined, asker: undefined };
  const ids = () => ownStands(intake.devices, devices.entries, namespace).map(({ id }) => id);
  return {
    wishes: new OwnWishes({ devices: () => intake.devices, entries: () => devices.entries, namespace }),
    asker: new TwinAsker(broker, ids, clock),
  };
}

/** It brings MQTT with it, 5 MB that nothing else here wants. */
async function openBroker(settings: BrokerSettings, deps: Pick<KubeDeps, 'clock' | 'log'>) {
  const { KubeBroker } = await import('./kube-broker.ts');
  return new KubeBroker(settings, { ...deps, access: await brokerAccess(settings) });
}

function mapper({ settings, devices, clock, log }: KubePartsDeps) {
  const { dmiSocket, socket } = settings.kubeedge;
  if (dmiSocket === false) return undefined;
  const services = loadDmi();
  const client = new DmiClient(dmiSocket, services, clock);
  const dmi = new DmiRoad(client, clock);
  const registration: Registration = new Registration({
    ...{ settings: settings.kubeedge, client, road: dmi, devices, clock, log },
    server: (callbacks) => new DmiServer(socket, services, callbacks),
  });
  return { dmi, registration };
}

import type { KubeEdgeStatus } from '../../cloud-sync/protocol/kubeedge-status.ts';
import type { Clock } from '../../core/clock.ts';
import type { Service } from '../../core/service.ts';
import type { Intake } from '../intake.ts';
import type { TwinKeeper } from '../twins/twin-keeper.ts';
import type { DataFeed } from './data-feed.ts';
import type { DmiRoad } from './dmi-road.ts';
import type { KubeBroker } from './kube-broker.ts';
import type { KubeDevices } from './kube-devices.ts';
import { devicesStatus } from './kube-status.ts';
import { idOfOwn } from './own-devices.ts';
import type { OwnWishes } from './own-wishes.ts';
import type { MqttPush } from './push.ts';
import type { Registration } from './registration.ts';
import type { Stand } from './report-queue.ts';
import type { Reporter } from './road.ts';
import { standOf } from './stands.ts';
import type { TwinAsker } from './twin-asker.ts';
import { wantedDocument, wantsOf } from './wanted.ts';

export interface KubeEdgeParts {
  readonly devices: KubeDevices;
  readonly twins: TwinKeeper;
  readonly reporter: Reporter;
  readonly push: MqttPush;
  readonly registration: Registration | undefined;
  readonly dmi: DmiRoad | undefined;
  readonly broker: KubeBroker | undefined;
  readonly stands: () => readonly Stand[];
  readonly feed: DataFeed | undefined;
  readonly asker: TwinAsker | undefined;
  /** The namespace of the gateway's own devices, if they are told. */
  readonly namespace: string | undefined;
  /** Where KubeEdge may want values of those. */
  readonly wishes: OwnWishes | undefined;
  readonly clock: Clock;
}

const MOST_DETAIL = 300;

/** The gateway as part of a KubeEdge node: everything of it that others see. */
export class KubeEdge {
  readonly #parts: KubeEdgeParts;
  /** The newest document of twins; the keeper may not have come to it yet. */
  #wanted: { readonly version: number; readonly text: string };

  constructor(parts: KubeEdgeParts) {
    this.#parts = parts;
    this.#wanted = parts.twins.document;
    const { devices, broker, reporter, wishes, asker } = parts;
    devices.onChange(() => this.#want());
    broker?.listen({
      added: (ids) => {
        reporter.again(ids);
        asker?.again(ids);
      },
      wanted: (id, wanted) => {
        if (wishes?.take(id, wanted)) this.#want();
      },
    });
  }

  get services(): readonly Service[] {
    const { registration, broker, feed, asker, reporter, push, twins } = this.#parts;
    const some = [registration, broker, feed, asker].filter((service) => service !== undefined);
    return [...some, reporter, push, twins];
  }

  /** Once, when everything runs: what was wanted before the start still is. */
  begin(): void {
    this.#want();
  }

  status(): KubeEdgeStatus {
    const { registration, broker, reporter, dmi, devices, stands, twins, wishes, push, namespace = '' } = this.#parts;
    const state = registration?.state;
    const contested = registration?.contested ?? [];
    return {
      ...(state ? { mapper: state.state, since: state.since } : {}),
      ...this.#fault(),
      ...(broker ? { broker: broker.isOpen() ? ('connected' as const) : ('away' as const) } : {}),
      ...(broker?.fault === undefined ? {} : { brokerFault: broker.fault }),
      ...(contested.length > 0 ? { contested: [...contested] } : {}),
      reports: reporter.counts.sent,
      failed: reporter.counts.failed,
      limited: dmi?.limited ?? 0,
      ...devicesStatus({
        ...{ entries: devices.entries, stands: stands(), contested, twins: twins.stand().points },
        toldAt: (id) => reporter.toldAt(id),
        refusals: broker?.refusals() ?? new Map(),
        unpushed: push.problems,
        meaningless: wishes?.problems ?? new Map(),
        idOfOwn: (device) => idOfOwn(device, namespace),
      }),
    };
  }

  #fault(): Pick<KubeEdgeStatus, 'fault' | 'detail'> {
    const { registration, dmi, devices, twins } = this.#parts;
    const state = registration?.state;
    if (state?.state === 'faulted') return { fault: state.fault, detail: state.detail };
    if (dmi?.isSilent) return { fault: 'edgecore-silent', detail: 'it takes calls and answers none' };
    const failure = devices.failure ?? twins.failure;
    return failure === undefined ? {} : { fault: 'file-unwritable', detail: failure.slice(0, MOST_DETAIL) };
  }

  /** Another text as soon as the mapper or a device stands otherwise. */
  mark(): string {
    const { mapper, fault, broker, brokerFault, contested, devices, others } = this.status();
    const rows = devices.map(({ id, state, code, detail }) => [id, state, code, detail]);
    return JSON.stringify([mapper, fault, broker, brokerFault, contested, others, rows]);
  }

  /** `sent`, `failed`, `limited`: reports; the others are of `pushMethod.mqtt`. */
  counts(): Readonly<Record<'sent' | 'failed' | 'limited' | 'pushed' | 'unpushed', number>> {
    const { reporter, dmi, push } = this.#parts;
    const { sent: pushed, failed: unpushed } = push.counts;
    return { ...reporter.counts, limited: dmi?.limited ?? 0, pushed, unpushed };
  }

  /** Desired values go the way of every twin, and from there the way of every write. */
  #want(): void {
    const { devices, twins, wishes, clock } = this.#parts;
    const { wants } = wantsOf(devices.entries);
    const document = wantedDocument(this.#wanted, [...wants, ...(wishes?.wants ?? [])], clock.now());
    if (document === undefined) return;
    this.#wanted = document;
    twins.desired(document);
  }
}

/** How KubeEdge's own devices stand. */
export function kubeStands(devices: KubeDevices, intake: Pick<Intake, 'devices'>): readonly Stand[] {
  return devices.entries.map((entry) => standOf(entry, intake.devices));
}

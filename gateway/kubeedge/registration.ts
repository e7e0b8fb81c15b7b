import type { Clock } from '../../core/clock.ts';
import { Fault, type FaultCode, isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { version } from '../../core/package-root.ts';
import type { UnixMs } from '../../core/reading.ts';
import { delays } from '../../core/retry.ts';
import { isAbort, type Service } from '../../core/service.ts';
import type { DmiClient } from './dmi-client.ts';
import type { DmiRoad } from './dmi-road.ts';
import type { Callbacks, DmiServer } from './dmi-server.ts';
import type { KubeDevices } from './kube-devices.ts';
import { kubeDeviceOf, kubeModelOf, objectId } from './objects.ts';
import type { KubeEdgeSettings } from './settings.ts';

export interface RegistrationDeps {
  readonly settings: Pick<KubeEdgeSettings, 'name' | 'protocols' | 'socket'>;
  readonly client: DmiClient;
  /** Our own end; a new one for each attempt to listen. */
  readonly server: (callbacks: Callbacks) => Pick<DmiServer, 'listen' | 'close'>;
  readonly road: DmiRoad;
  readonly devices: KubeDevices;
  readonly clock: Clock;
  readonly log: Log;
}

/** How the mapper stands with EdgeCore. */
export type MapperState =
  | { readonly state: 'connecting' | 'registered'; readonly since: UnixMs }
  | { readonly state: 'faulted'; readonly since: UnixMs; readonly fault: FaultCode; readonly detail: string };

/** A restart of EdgeCore below 1.23 forgets its mappers, and devices edited while the node was offline come with no callback. */
const AGAIN_EVERY_MS = 60_000;
const RETRY = { firstMs: 1000, ceilingMs: 15_000 };

/** Registers the mapper with EdgeCore, at each new connection and again and again. */
export class Registration implements Service {
  readonly name = 'kubeedge-mapper';
  readonly #deps: RegistrationDeps;
  #state: MapperState;
  /** Devices that callbacks told of since the list was asked for. */
  readonly #newer = new Set<string>();
  /** Protocols whose devices changed without a callback, although EdgeCore was there all the time. */
  readonly #rivals = new Map<string, UnixMs>();
  /** By protocol, devices that were deleted while we or EdgeCore were away: that they go is news to nobody. */
  readonly #deleted = new Map<string, readonly string[]>();

  constructor(deps: RegistrationDeps) {
    this.#deps = deps;
    this.#state = { state: 'connecting', since: deps.clock.now() };
  }

  get state(): MapperState {
    return this.#state;
  }

  /** Protocols that another mapper of this node seems to have taken over. */
  get contested(): readonly string[] {
    return [...this.#rivals.keys()];
  }

  async run(signal: AbortSignal): Promise<void> {
    const { client } = this.#deps;
    let server: Pick<DmiServer, 'close'> | undefined;
    try {
      server = await this.#listen(signal);
      while (!signal.aborted) {
        await this.#register(signal);
        await this.#stay(signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    } finally {
      client.close();
      await server?.close();
    }
  }

  /** Without a socket of our own EdgeCore has nobody to call. */
  async #listen(signal: AbortSignal): Promise<Pick<DmiServer, 'close'>> {
    const { server, clock } = this.#deps;
    for (const pause of delays(RETRY)) {
      const next = server(this.#callbacks());
      try {
        await next.listen();
        return next;
      } catch (error) {
        this.#failed(error);
        await clock.sleep(Math.max(pause, RETRY.firstMs), signal);
      }
    }
    throw new TypeError('delays end never');
  }

  /** Until it has worked. */
  async #register(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    for (const pause of delays(RETRY)) {
      try {
        await this.#once(signal, true);
        this.#set({ state: 'registered' });
        return;
      } catch (error) {
        if (isAbort(error, signal)) throw error;
        this.#failed(error);
        await clock.sleep(Math.max(pause, 200), signal);
      }
    }
  }

  /** Registered, until the connection or a call fails. */
  async #stay(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#deps;
    const left = new AbortController();
    void client.lost().then(() => left.abort());
    const either = AbortSignal.any([signal, left.signal]);
    while (this.#state.state === 'registered') {
      try {
        await clock.sleep(AGAIN_EVERY_MS, either);
      } catch (error) {
        if (signal.aborted) throw error;
        this.#set({ state: 'connecting' });
        return;
      }
      await this.#again(signal);
    }
  }

  async #again(signal: AbortSignal): Promise<void> {
    try {
      await this.#once(signal, false);
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      if (!this.#isBusy(error)) this.#failed(error);
    }
  }

  /** EdgeCore has too much to do, and the mapper is registered all the same: to tell it everything again would make that worse. */
  #isBusy(error: unknown): boolean {
    return isFault(error, 'edgecore-limit') || (isFault(error, 'edgecore-silent') && !this.#deps.road.isSilent);
  }

  async #once(signal: AbortSignal, isFresh: boolean): Promise<void> {
    const { settings, client, road, devices, clock, log } = this.#deps;
    for (const protocol of settings.protocols) {
      await road.turn(signal);
      this.#newer.clear();
      const name = settings.protocols.length === 1 ? settings.name : `${settings.name}-${protocol}`.toLowerCase();
      const list = await road.watch(client.register({ name, version, protocol, address: settings.socket }));
      const { fresh, changed, gone, missing } = devices.takeList(
        list.devices.map(kubeDeviceOf),
        list.models.map(kubeModelOf),
        {
          protocol,
          newer: this.#newer,
          ticks: clock.ticks(),
        },
      );
      const deleted = isFresh ? missing : (this.#deleted.get(protocol) ?? []).filter((id) => missing.includes(id));
      this.#deleted.set(protocol, deleted);
      const taken = gone.filter((id) => !deleted.includes(id));
      if (isFresh) this.#rivals.delete(protocol);
      else if (fresh.length + changed.length + taken.length > 0) {
        this.#rivals.set(protocol, clock.now());
        log.warn(
          { protocol, fresh, changed, gone: taken },
          'devices changed and EdgeCore did not say so: does another mapper have this protocol?',
        );
      }
    }
  }

  /** What EdgeCore calls. */
  #callbacks(): Callbacks {
    const { devices } = this.#deps;
    const heard = (protocol: string) => this.#rivals.delete(protocol);
    return {
      device: (given) => {
        const device = kubeDeviceOf(given);
        this.#newer.add(objectId(device));
        heard(device.protocol);
        devices.takeDevice(device);
      },
      removeDevice: (namespace, name) => {
        this.#newer.add(objectId({ namespace, name }));
        devices.removeDevice(namespace, name);
      },
      model: (given) => devices.takeModel(kubeModelOf(given)),
      removeModel: (namespace, name) => devices.removeModel(namespace, name),
    };
  }

  #failed(error: unknown): void {
    if (!isFault(error)) throw error;
    this.#set({ state: 'faulted', fault: error.code, detail: error.message.slice(0, 300) });
  }

  #set(next: { state: 'connecting' | 'registered' } | { state: 'faulted'; fault: FaultCode; detail: string }): void {
    const { clock, log, road } = this.#deps;
    const before = this.#state;
    const isSame =
      before.state === next.state &&
      (before.state !== 'faulted' || before.fault === (next as { fault: FaultCode }).fault);
    this.#state = { ...next, since: isSame ? before.since : clock.now() };
    road.set(next.state === 'registered');
    if (isSame) return;
    if (next.state === 'faulted') {
      const { action } = new Fault(next.fault);
      log.warn({ code: next.fault, why: next.detail, action }, 'EdgeCore is not there: devices are read as before');
    } else log.info({ state: next.state }, 'the mapper and EdgeCore');
  }
}

import { stat } from 'node:fs/promises';
import {
  Client,
  connectivityState,
  credentials,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { DmiDevice, DmiModel, DmiServices, Twin } from './dmi.ts';

/** EdgeCore answers within milliseconds; a mapper written in Go gives it one second. */
const ANSWER_WITHIN_MS = 5000;
const LATE = `${ANSWER_WITHIN_MS / 1000} s`;
/** A node's list of devices is one message. */
const MOST_LIST_BYTES = 64 * 1024 * 1024;
const RECONNECT_MS = { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 5000 };

export interface MapperInfo {
  readonly name: string;
  readonly version: string;
  readonly protocol: string;
  /** Path of our own socket. */
  readonly address: string;
}

export interface DeviceList {
  readonly devices: readonly DmiDevice[];
  readonly models: readonly DmiModel[];
}

/** EdgeCore's end of DMI. Every call throws a Fault: edgecore-unreachable, edgecore-silent, edgecore-limit, edgecore-refused. */
export class DmiClient {
  readonly #socket: string;
  readonly #client: Client;
  readonly #methods: Readonly<Record<string, MethodDefinition<object, object>>>;
  readonly #clock: Clock;
  #lost: Promise<void> | undefined;

  constructor(socket: string, { managerDefinition }: DmiServices, clock: Clock) {
    this.#socket = socket;
    this.#methods = managerDefinition as unknown as Record<string, MethodDefinition<object, object>>;
    this.#clock = clock;
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure(), {
      ...RECONNECT_MS,
      'grpc.enable_retries': 0,
      'grpc.max_receive_message_length': MOST_LIST_BYTES,
    });
  }

  /** With data, always: without, EdgeCore makes no client for its callbacks. */
  async register({ name, version, protocol, address }: MapperInfo): Promise<DeviceList> {
    await this.#checkOwner();
    const mapper = { name, version, api_version: 'v1beta1', protocol, address: Buffer.from(address), state: 'ok' };
    const answer = await this.#call<{ deviceList?: DmiDevice[]; modelList?: DmiModel[] }>('MapperRegister', {
      ...{ withData: true, mapper },
    });
    return { devices: answer.deviceList ?? [], models: answer.modelList ?? [] };
  }

  /** Resolves when EdgeCore has queued it; whether it was taken, only the result topic says. */
  async reportTwins(namespace: string, name: string, twins: readonly Twin[]): Promise<void> {
    const reportedDevice = { twins, reportToCloud: true };
    await this.#call('ReportDeviceStatus', { deviceName: name, deviceNamespace: namespace, reportedDevice });
  }

  async reportState(namespace: string, name: string, state: string): Promise<void> {
    await this.#call('ReportDeviceStates', { deviceName: name, deviceNamespace: namespace, state });
  }

  /** Resolves when the connection that stands now is gone: what EdgeCore knew of us may be gone with it. At once, if none stands. */
  async lost(): Promise<void> {
    if (!this.#isReady()) return;
    this.#lost ??= this.#watch();
    await this.#lost;
  }

  /** One watch for all who ask; the next connection has one of its own. */
  #watch(): Promise<void> {
    const channel = this.#client.getChannel();
    return new Promise((resolve) => {
      const watch = () => channel.watchConnectivityState(connectivityState.READY, Number.POSITIVE_INFINITY, look);
      const look = () => {
        if (this.#isReady()) return watch();
        this.#lost = undefined;
        resolve();
      };
      watch();
    });
  }

  #isReady(): boolean {
    return this.#client.getChannel().getConnectivityState(false) === connectivityState.READY;
  }

  close(): void {
    this.#client.close();
  }

  #call<T>(method: string, request: object): Promise<T> {
    const { path, requestSerialize, responseDeserialize } = this.#methods[method] as MethodDefinition<object, object>;
    let isLate = false;
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        (error, answer) => {
          cancel();
          if (error) reject(isLate ? new Fault('edgecore-silent', LATE) : toFault(error, this.#socket));
          else resolve(answer as T);
        },
      );
      const cancel = this.#clock.after(ANSWER_WITHIN_MS, () => {
        isLate = true;
        call.cancel();
      });
    });
  }

  /** Who listens there may order writes: it must be the node's own, root, or who runs us. */
  async #checkOwner(): Promise<void> {
    const found = await stat(this.#socket).catch(() => undefined);
    if (found && found.uid !== 0 && found.uid !== process.getuid?.())
      throw new Fault(
        'edgecore-refused',
        `${this.#socket} belongs to user ${found.uid}, not to root: nothing is sent there`,
      );
  }
}

function toFault({ code, details }: ServiceError, socket: string): Fault {
  if (code === status.UNAVAILABLE) return new Fault('edgecore-unreachable', `${socket}: ${reasonOf(details)}`);
  // It ended in the middle of the call.
  if (code === status.CANCELLED) return new Fault('edgecore-unreachable', `${socket}: the connection broke`);
  if (details.includes('too many request')) return new Fault('edgecore-limit');
  return new Fault('edgecore-refused', `${status[code] ?? code}: ${details.slice(0, 300)}`);
}

/** What stopped the connection, out of a long sentence. */
function reasonOf(details: string): string {
  const errno = /connect (E[A-Z]+)/.exec(details)?.[1];
  switch (errno) {
    case 'ENOENT':
      return 'no such socket (is EdgeCore running, and its directory mounted?)';
    case 'ECONNREFUSED':
      return 'nobody listens (EdgeCore has ended and left its socket behind)';
    case 'EACCES':
      return 'not permitted (the socket belongs to root: run as uid 0, or let EdgeCore make it for a group)';
    default:
      return details.slice(0, 300);
  }
}
